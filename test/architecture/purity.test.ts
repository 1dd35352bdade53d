import { describe, expect, it } from 'vitest';
import { listSourceFiles, readSource } from '../support/source-files.ts';

const IMPURE = [
  { what: 'the clock', pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/ },
  { what: 'randomness', pattern: /\bMath\.random\(|\brandom(Bytes|UUID|Int)\(/ },
  { what: 'the process', pattern: /\bprocess\.|\bconsole\./ },
  { what: 'the network', pattern: /\bfetch\(/ },
];

describe('domain/', () => {
  it.each(IMPURE)('never asks $what: it is told', ({ pattern }) => {
    const files = listSourceFiles().filter((file) => file.startsWith('domain/'));

    // A port called `randomBytes` is how it is told; only the bare function counts.
    const impure = files.filter((file) =>
      readSource(file)
        .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
        .replace(/\.(randomBytes|fetch)\(/g, '')
        .split('\n')
        .some((line) => pattern.test(line)),
    );

    expect(impure).toEqual([]);
  });
});
