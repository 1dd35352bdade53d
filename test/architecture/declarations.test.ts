import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findImports, ROOT, readSource } from '../support/source-files.ts';

const importsOf = (file: string) => findImports(file).map(({ target }) => target);

describe('declarations', () => {
  it('of routes are all gathered in domain/routes.ts', () => {
    const declaring = globSync('domain/*/contract.ts', { cwd: ROOT }).filter((file) =>
      /export const \w+Routes\b/.test(readSource(file)),
    );

    const gathered = importsOf('domain/routes.ts');

    expect(declaring.filter((file) => !gathered.includes(file))).toEqual([]);
  });

  it('of events are all gathered in domain/events.ts', () => {
    const declaring = globSync('domain/*/events.ts', { cwd: ROOT });

    const gathered = importsOf('domain/events.ts');

    expect(declaring.filter((file) => !gathered.includes(file))).toEqual([]);
  });
});
