import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The pinned one, and an older one that teams still have. */
export type MlflowRelease = '3.17' | '3.5';

const root = resolve(import.meta.dirname, '..', '..');
const requirements = (file: string) => join(root, 'test', 'integration', file);
const environment = join(root, '.perennial', 'test-venv');
const olderMlflow = join(root, '.perennial', 'test-mlflow-3.5');
const PIP = ['--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:'];

/**
 * The `bin` folder of a virtual environment with `test/integration/requirements.txt`, made when absent or
 * made from other requirements. Needs a Python ≥ 3.10 with `venv` and a package index.
 */
export function ensureTestPython(): string {
  const bin = join(environment, 'bin');
  makeUnlessStamped(environment, 'requirements.txt', (file) => {
    execFileSync(process.env.PERENNIAL_PYTHON ?? 'python3', ['-m', 'venv', environment], { stdio: 'pipe' });
    execFileSync(join(bin, 'pip'), ['install', ...PIP, '--requirement', file], { stdio: 'pipe' });
  });
  return bin;
}

/** A Python with that MLflow. The older one lies in a folder before the newer: a second environment is 1 GB. */
export function ensureTestMlflow(release: MlflowRelease = '3.17'): {
  python: string;
  environment: Record<string, string>;
} {
  const bin = ensureTestPython();
  const python = join(bin, 'python');
  if (release === '3.17') return { python, environment: {} };
  makeUnlessStamped(olderMlflow, 'requirements-mlflow-3.5.txt', (file) => {
    const options = [...PIP, '--no-deps', '--target', olderMlflow, '--requirement', file];
    execFileSync(join(bin, 'pip'), ['install', ...options], { stdio: 'pipe' });
  });
  return { python, environment: { PYTHONPATH: olderMlflow } };
}

/** A folder is stamped when it is complete, with the digest of what it was made from. */
function makeUnlessStamped(folder: string, requirementsFile: string, make: (file: string) => void): void {
  const file = requirements(requirementsFile);
  const stampFile = join(folder, 'requirements.sha256');
  const stamp = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  rmSync(folder, { recursive: true, force: true });
  make(file);
  writeFileSync(stampFile, stamp);
}
