import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

interface Check {
  readonly name: string;
  run(): boolean;
}

const CHECKS: readonly Check[] = [
  { name: 'format and lint', run: () => runTool('biome', ['check', '--error-on-warnings']) },
  { name: 'types', run: () => runTool('tsc', ['--noEmit']) },
  { name: 'generated files', run: areGeneratedFilesCurrent },
  { name: 'imports, names and state machines', run: () => runSuite('architecture') },
  { name: 'templates', run: () => runSuite('infrastructure') },
];

/** Programs of the project's own node_modules, on the Node that runs this script. */
function runTool(name: string, options: readonly string[]): boolean {
  const program = join(ROOT, 'node_modules/.bin', name);
  const { PATH = '' } = process.env;
  const env = { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${PATH}` };
  return spawnSync(program, options, { cwd: ROOT, stdio: 'inherit', env }).status === 0;
}

function runSuite(suite: string): boolean {
  return runTool('vitest', ['run', '--project', suite, '--reporter=dot']);
}

/** In a process of its own, so that a declaration that does not load fails this check and no other. */
function areGeneratedFilesCurrent(): boolean {
  return runTool('node', [join(ROOT, 'scripts/compare-generated-files.ts')]);
}

function main(): number {
  if (!existsSync(join(ROOT, 'node_modules'))) throw new Error('Run npm ci first.');
  const failed: string[] = [];
  for (const check of CHECKS) {
    console.log(`\n${check.name}`);
    const startedMs = performance.now();
    const holds = check.run();
    if (!holds) failed.push(check.name);
    console.log(
      `${holds ? 'ok    ' : 'FAILED'} ${check.name} (${Math.round(performance.now() - startedMs)} ms)`,
    );
  }
  if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`);
  console.log(`\n${CHECKS.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = main();
