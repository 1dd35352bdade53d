import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const requirementsFile = join(root, 'test', 'integration', 'requirements.txt');
const directory = join(root, '.perennial', 'test-venv');

/**
 * The `bin` folder of a virtual environment with `test/integration/requirements.txt`, made when absent or
 * made from other requirements. Needs a Python ≥ 3.10 with `venv` and a package index.
 */
export function ensureTestPython(): string {
  const bin = join(directory, 'bin');
  const stampFile = join(directory, 'requirements.sha256');
  const stamp = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return bin;

  rmSync(directory, { recursive: true, force: true });
  execFileSync(process.env.PERENNIAL_PYTHON ?? 'python3', ['-m', 'venv', directory], { stdio: 'pipe' });
  const options = ['--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:'];
  execFileSync(join(bin, 'pip'), ['install', ...options, '--requirement', requirementsFile], {
    stdio: 'pipe',
  });
  writeFileSync(stampFile, stamp);
  return bin;
}
