import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunSummary } from './run-summary.ts';
import { SHARED_CLOUD, startTestCloud } from './support/test-cloud.ts';

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
async function main(names: readonly string[]): Promise<number> {
  const results = mkdtempSync(join(tmpdir(), 'perennial-tests-'));
  const summary = new RunSummary();
  for (const suite of names.length > 0 ? names : SUITES) {
    console.log(`\n${suite}`);
    const report = join(results, `${suite}.json`);
    const status = await (suite === 'integration' ? runWithCloud(report) : runSuite(suite, report));
    summary.add(suite, existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined, status);
  }
  rmSync(results, { recursive: true, force: true });
  for (const line of summary.lines()) console.log(line);
  return summary.failed > 0 ? 1 : 0;
}

/** One cloud for all files of the suite: a start with its deployment takes most of a minute. */
async function runWithCloud(report: string): Promise<number> {
  try {
    const cloud = await startTestCloud();
    try {
      return await runSuite('integration', report, { [SHARED_CLOUD]: cloud.directory });
    } finally {
      await cloud.stop();
    }
  } catch (error) {
    console.error('The local cloud did not start:', error);
    return 1;
  }
}

/** Asynchronously, since the cloud's front door lives in this process. */
function runSuite(suite: string, report: string, variables: Record<string, string> = {}): Promise<number> {
  const options = ['run', '--project', suite, '--passWithNoTests', '--reporter=dot', '--reporter=json'];
  const coverage = suite === 'unit' ? COVERAGE : [];
  const command = [VITEST, ...options, `--outputFile.json=${report}`, ...coverage];
  const env = { ...process.env, ...variables };
  return new Promise((resolve) => {
    const run = spawn(process.execPath, command, { cwd: ROOT, stdio: 'inherit', env });
    run.once('error', () => resolve(1));
    run.once('exit', (status) => resolve(status ?? 1));
  });
}

process.exitCode = await main(process.argv.slice(2));
