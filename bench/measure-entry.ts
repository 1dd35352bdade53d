import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from '../lib/constructs/bundle-options.ts';

const RUNS = 11;

/** Bundles a Lambda entry as it is deployed, and loads it in fresh processes. */
export async function measureEntry(entry: string, environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-bench-'));
  try {
    const bundle = join(folder, 'index.mjs');
    const bare = join(folder, 'bare.mjs');
    await bundleEntry(entry, bundle);
    writeFileSync(bare, '');
    const times = { bundle: [] as number[], bare: [] as number[] };
    for (let run = 0; run < RUNS; run++) {
      times.bare.push(await loadIn(folder, bare, {}));
      times.bundle.push(await loadIn(folder, bundle, environment));
    }
    // The fastest start of each: other work on the machine only adds.
    const initMs = Math.min(...times.bundle) - Math.min(...times.bare);
    return { kilobytes: statSync(bundle).size / 1024, initMs };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One entry as esbuild bundles it for Lambda. */
export async function bundleEntry(entry: string, outfile: string): Promise<string> {
  await build({ ...BUNDLE_OPTIONS, entryPoints: [entry], outfile });
  return outfile;
}

/** Milliseconds of a process that loads a module and ends. */
export async function loadIn(
  cwd: string,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const started = performance.now();
  const load = `import(${JSON.stringify(script)}).then(() => process.exit(0))`;
  await promisify(execFile)(process.execPath, ['-e', load], { cwd, env });
  return performance.now() - started;
}
