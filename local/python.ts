import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from './commands.ts';
import { LocalCloudError } from './errors.ts';
import { repositoryDirectory } from './workspace.ts';

/** The emulator's lower bound (`Requires-Python` of its package). */
const minimumVersion = { major: 3, minor: 10 };
const candidates = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const requirementsFile = join(repositoryDirectory, 'local', 'requirements.txt');
/** Wheels of 40 MB in all; ten minutes is a slow line of 0.6 Mbit/s. */
const installTimeoutSeconds = 600;

export interface PythonVersion {
  readonly major: number;
  readonly minor: number;
}

/** Reads `Python 3.11.7`; undefined for anything else. */
export function parsePythonVersion(output: string): PythonVersion | undefined {
  const match = /Python (\d+)\.(\d+)/.exec(output);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

export function isSupportedPython(version: PythonVersion): boolean {
  return version.major === minimumVersion.major && version.minor >= minimumVersion.minor;
}

/** What a virtual environment was made from; another digest means it has to be made again. */
export function requirementsDigest(requirements: string): string {
  return createHash('sha256').update(requirements).digest('hex');
}

/**
 * Makes the virtual environment that holds the emulator, or leaves a complete one alone.
 *
 * @returns the path of its Python.
 * @throws LocalCloudError when there is no Python 3.10 or later, no `venv` module, or the install fails.
 */
export async function ensurePython(venvDirectory: string): Promise<string> {
  const python = join(venvDirectory, 'bin', 'python');
  const digestFile = join(venvDirectory, 'requirements.sha256');
  const digest = requirementsDigest(await readFile(requirementsFile, 'utf8'));
  if (existsSync(python) && (await readFile(digestFile, 'utf8').catch(() => '')) === digest) return python;

  await rm(venvDirectory, { recursive: true, force: true });
  await mkdir(dirname(venvDirectory), { recursive: true });
  await makeVirtualEnvironment(await findPython(), venvDirectory);
  await installRequirements(python);
  await writeFile(digestFile, digest);
  return python;
}

async function findPython(): Promise<string> {
  const chosen = process.env.PERENNIAL_PYTHON;
  const seen: string[] = [];
  for (const program of chosen === undefined ? candidates : [chosen]) {
    const answer = await runCommand(program, ['--version'], { timeoutSeconds: 20 });
    const version = answer.exitCode === 0 ? parsePythonVersion(answer.stdout + answer.stderr) : undefined;
    if (version !== undefined && isSupportedPython(version)) return program;
    if (version !== undefined) seen.push(`${program} is ${version.major}.${version.minor}`);
  }
  const found = seen.length > 0 ? `found only: ${seen.join(', ')}` : 'found none';
  const source =
    chosen === undefined ? `on PATH (${candidates.join(', ')})` : `at PERENNIAL_PYTHON=${chosen}`;
  throw new LocalCloudError(
    `The local cloud needs Python 3.10 or later and looked for it ${source}; ${found}. ` +
      'Install one, or set PERENNIAL_PYTHON to its path.',
  );
}

async function makeVirtualEnvironment(program: string, venvDirectory: string): Promise<void> {
  const made = await runCommand(program, ['-m', 'venv', venvDirectory], { timeoutSeconds: 120 });
  if (made.exitCode === 0) return;
  const output = `${made.stdout}${made.stderr}`;
  // Debian and Ubuntu ship Python without venv and ensurepip; their packages add them.
  if (/ensurepip|No module named venv/.test(output)) {
    throw new LocalCloudError(
      `${program} has no working 'venv' module. Install it (Debian and Ubuntu: 'apt install python3-venv'), ` +
        'or set PERENNIAL_PYTHON to a Python that has it.',
      { evidence: output },
    );
  }
  throw new LocalCloudError(`'${program} -m venv ${venvDirectory}' failed.`, { evidence: output });
}

async function installRequirements(python: string): Promise<void> {
  const installed = await runCommand(
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'].concat([
      '--require-hashes',
      '--only-binary',
      ':all:',
      '--requirement',
      requirementsFile,
    ]),
    { timeoutSeconds: installTimeoutSeconds },
  );
  if (installed.exitCode === 0) return;
  const reason = installed.exitCode === 124 ? `took longer than ${installTimeoutSeconds} s` : 'failed';
  throw new LocalCloudError(
    `Installing the emulator's Python packages (local/requirements.txt) ${reason}. ` +
      'It needs the Python package index, or a mirror named by PIP_INDEX_URL.',
    { evidence: `${installed.stdout}${installed.stderr}`.slice(-4000) },
  );
}
