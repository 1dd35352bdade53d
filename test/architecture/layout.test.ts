import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRODUCT_VERSION } from '../../domain/shared/version.ts';
import { listSourceFiles, ROOT } from '../support/source-files.ts';

/** The same word in every tree. */
const CAPABILITIES = [
  ...['access', 'tracking', 'registry', 'datasets', 'training', 'deployment'],
  ...['serving', 'monitoring', 'alerting', 'retraining', 'governance'],
];

describe('the layout', () => {
  it('names capabilities alike in every tree', () => {
    const named = globSync(['functions/*/', 'domain/*/'], { cwd: ROOT })
      .map((path) => basename(path))
      .filter((name) => name !== 'shared' && !name.endsWith('.ts'));

    expect(named.filter((name) => !CAPABILITIES.includes(name))).toEqual([]);
  });

  it('has a construct for each capability with functions', () => {
    const withFunctions = globSync('functions/*/', { cwd: ROOT })
      .map((path) => basename(path))
      // Deployment makes the functions of serving, one for each endpoint.
      .filter((name) => name !== 'serving');

    const forgotten = withFunctions.filter((name) => !existsSync(join(ROOT, `lib/capabilities/${name}.ts`)));

    expect(forgotten).toEqual([]);
  });

  it('has handler and environment in each function folder', () => {
    const incomplete = globSync('functions/*/*/', { cwd: ROOT }).filter(
      (folder) => !['handler.ts', 'environment.ts'].every((file) => existsSync(join(ROOT, folder, file))),
    );

    expect(incomplete).toEqual([]);
  });

  it('has no room for what belongs nowhere', () => {
    const banned = /(^|\/)(utils?|helpers?|common|misc|manager)(\/|\.|-)/;

    expect(listSourceFiles().filter((file) => banned.test(file))).toEqual([]);
  });

  it('writes file names in kebab-case', () => {
    const others = listSourceFiles().filter((file) => !/^[a-z0-9_.-]+$/.test(basename(file)));

    expect(others).toEqual([]);
  });

  it('states the version that package.json has', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

    expect(PRODUCT_VERSION).toBe(version);
  });
});

describe.runIf(existsSync(join(ROOT, 'README.md')))('the README', () => {
  it('maps exactly the folders that exist', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const mapped = [...readme.matchAll(/^\|\s*((?:`[\w-]+\/`(?:,\s*)?)+)\s*\|/gm)].flatMap((row) =>
      [...row[1]!.matchAll(/`([\w-]+)\/`/g)].map((cell) => cell[1]!),
    );

    expect(mapped.sort()).toEqual(listFolders());
  });
});

/** Top-level folders that git keeps. */
function listFolders(): string[] {
  const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  const folders = files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]!);
  return [...new Set(folders)].filter((folder) => !folder.startsWith('.')).sort();
}
