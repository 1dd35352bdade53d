import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const requirements = join(root, 'bench', 'requirements.txt');
const directory = join(root, '.perennial', 'bench-venv');

/**
 * The Python of a virtual environment with `bench/requirements.txt`, made when absent or made from other
 * requirements. `PERENNIAL_PYTHON` names another interpreter than `python3`; it must be 3.10 or newer.
 */
export function ensureBenchPython(): string {
  const python = join(directory, 'bin', 'python');
  const stampFile = join(directory, 'requirements.sha256');
  const stamp = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return python;
  rmSync(directory, { recursive: true, force: true });
  execFileSync(process.env.PERENNIAL_PYTHON ?? 'python3', ['-m', 'venv', directory], { stdio: 'pipe' });
  const options = ['--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:'];
  execFileSync(python, ['-m', 'pip', 'install', ...options, '--requirement', requirements], {
    stdio: 'pipe',
  });
  writeFileSync(stampFile, stamp);
  return python;
}

/** Runs a script of `bench/` on one thread and reads the JSON it prints. */
export function runBenchPython<T>(script: string, args: readonly string[] = []): T {
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const path = join(root, 'bench', script);
  return JSON.parse(execFileSync(ensureBenchPython(), [path, ...args], { env, encoding: 'utf8' })) as T;
}
