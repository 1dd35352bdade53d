import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunSummary } from './run-summary.ts';

/** By cost: what is quick and wrong is known before the local cloud starts. */
const SUITES = ['unit', 'architecture', 'infrastructure', 'integration'] as const;

/** Percent of the lines and statements of `domain/` that the unit suite runs. */
const COVERAGE = [
  '--coverage.enabled',
  '--coverage.thresholds.lines=95',
  '--coverage.thresholds.statements=95',
];

const ROOT = join(import.meta.dirname, '..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

/**
 * Runs the suites named on the command line, or all, and ends with `N passed, N failed`.
 * A suite that dies without a report, or misses its coverage, counts as one failure.
 */
function main(names: readonly string[]): number {
  const results = mkdtempSync(join(tmpdir(), 'perennial-tests-'));
  const summary = new RunSummary();
  for (const suite of names.length > 0 ? names : SUITES) {
    console.log(`\n${suite}`);
    const report = join(results, `${suite}.json`);
    const status = runSuite(suite, report);
    summary.add(suite, existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined, status);
  }
  rmSync(results, { recursive: true, force: true });
  for (const line of summary.lines()) console.log(line);
  return summary.failed > 0 ? 1 : 0;
}

/** Vitest's exit status; how the tests went is in its report. */
function runSuite(suite: string, report: string): number {
  const options = ['run', '--project', suite, '--passWithNoTests', '--reporter=dot', '--reporter=json'];
  const coverage = suite === 'unit' ? COVERAGE : [];
  const command = [VITEST, ...options, `--outputFile.json=${report}`, ...coverage];
  return spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

process.exitCode = main(process.argv.slice(2));
