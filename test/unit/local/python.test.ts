import { describe, expect, it } from 'vitest';
import { isSupportedPython, parsePythonVersion, requirementsDigest } from '../../../local/python.ts';

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
