import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ensurePython,
  isSupportedPython,
  parsePythonVersion,
  requirementsDigest,
} from '../../../local/python.ts';

describe('parsePythonVersion', () => {
  it('reads major and minor', () => {
    expect(parsePythonVersion('Python 3.12.1\n')).toEqual({ major: 3, minor: 12 });
  });

  it('is undefined for another program', () => {
    expect(parsePythonVersion('pyenv: python3: command not found')).toBeUndefined();
  });
});

describe('isSupportedPython', () => {
  it.each([
    [2, 7, false],
    [3, 9, false],
    [3, 10, true],
    [3, 14, true],
  ])('says of %i.%i: %s', (major, minor, expected) => {
    expect(isSupportedPython({ major, minor })).toBe(expected);
  });
});

describe('requirementsDigest', () => {
  it('changes with any byte', () => {
    expect(requirementsDigest('a==1')).not.toBe(requirementsDigest('a==2'));
  });
});

describe('ensurePython', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'python-'));
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  async function usePython(script: string): Promise<string> {
    const program = join(directory, 'python');
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    vi.stubEnv('PERENNIAL_PYTHON', program);
    return program;
  }

  it('names the version that is too old, and the variable that chooses another', async () => {
    const program = await usePython('echo Python 3.8.2');

    const refusal = ensurePython(join(directory, 'venv'));

    await expect(refusal).rejects.toThrow(
      `needs Python 3.10 or later and looked for it at PERENNIAL_PYTHON=${program}; found only: ${program} is 3.8.`,
    );
  });

  it('says how to get a missing venv module', async () => {
    await usePython(
      '[ "$1" = --version ] && echo Python 3.12.1 && exit 0; echo "No module named venv" >&2; exit 1',
    );

    const refusal = ensurePython(join(directory, 'venv'));

    await expect(refusal).rejects.toThrow("has no working 'venv' module. Install it");
  });
});
