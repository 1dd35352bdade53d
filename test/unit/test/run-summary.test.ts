import { describe, expect, it } from 'vitest';
import { RunSummary } from '../../run-summary.ts';

const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, testResults: [] };

describe('RunSummary', () => {
  it('ends with the sums of all suites', () => {
    const summary = new RunSummary();

    summary.add('unit', report, 0);
    summary.add('architecture', { ...report, numFailedTests: 2 }, 1);

    expect(summary.lines().at(-1)).toBe('6 passed, 2 failed');
  });

  it('counts a suite that died without a report as a failure', () => {
    const summary = new RunSummary();

    summary.add('unit', undefined, 1);

    expect(summary.failed).toBe(1);
  });

  it('counts missed coverage as a failure although every test passed', () => {
    const summary = new RunSummary();

    summary.add('unit', report, 1);

    expect(summary.lines().at(-1)).toBe('3 passed, 1 failed');
  });

  it('counts a file that broke before its first test', () => {
    const summary = new RunSummary();

    summary.add('unit', { ...report, testResults: [{ status: 'failed', assertionResults: [] }] }, 1);

    expect(summary.failed).toBe(1);
  });

  it('tells how many tests were skipped', () => {
    const summary = new RunSummary();

    summary.add('unit', { ...report, numPendingTests: 4 }, 0);

    expect(summary.lines()).toContain('unit: 3 passed, 0 failed, 4 SKIPPED');
  });
});
