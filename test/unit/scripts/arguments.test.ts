import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../scripts/arguments.ts';

describe('readArguments', () => {
  it('hands context on to the CDK as it was given', () => {
    const given = ['-c', 'platform=linux-x64', '-c', 'installation=flowers', '--yes'];

    const read = readArguments(given);

    expect(read).toMatchObject({
      installation: { installation: 'flowers', platform: 'linux-x64' },
      context: ['-c', 'platform=linux-x64', '-c', 'installation=flowers'],
      yes: true,
      deleteData: false,
    });
  });

  it.each([
    { given: ['--delete-dta'], names: 'delete-dta' },
    { given: ['-c', 'platform'], names: '-c platform' },
    { given: ['-c', 'platform=beos'], names: 'platform:' },
  ])('refuses $given', ({ given, names }) => {
    expect(() => readArguments(given)).toThrow(names);
  });
});
