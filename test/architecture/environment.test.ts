import { describe, expect, it } from 'vitest';
import { listSourceFiles, readSource } from '../support/source-files.ts';

/** Who may read the process's variables, and why nobody else has to. */
const READERS = [
  /^bin\//,
  // The one reader behind the API.
  /^adapters\/lambda\/environment\.ts$/,
  // Serving has no zod, so its entry hands them to a parser of its own.
  /^functions\/serving\/answer-inference\/(handler|environment)\.ts$/,
  // Programs that people start.
  /^(cli|local|scripts|test|bench)\//,
];

describe('process.env', () => {
  it('is read where programs start and nowhere else', () => {
    const files = listSourceFiles().filter((file) => /\bprocess\.env\b/.test(withoutComments(file)));

    const others = files.filter((file) => !READERS.some((reader) => reader.test(file)));

    expect(others).toEqual([]);
  });

  it('is never asked whether the platform runs locally', () => {
    const product = listSourceFiles().filter((file) => /^(domain|adapters|functions|lib|bin)\//.test(file));

    const curious = product.filter((file) =>
      /\b(LOCAL|IS_LOCAL|MINISTACK|LOCALSTACK\w*|isLocal)\b/.test(withoutComments(file)),
    );

    expect(curious).toEqual([]);
  });
});

function withoutComments(file: string): string {
  return readSource(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}
