import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assemblyDigest, sourceDigest } from '../../../local/assembly.ts';
import { cdkEnvironment, finishedStacks } from '../../../local/cdk.ts';
import { hostPlatform } from '../../../local/deployment.ts';

const directories: string[] = [];

async function assembly(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'assembly-'));
  directories.push(directory);
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return directory;
}

afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

describe('assemblyDigest', () => {
  it('stays the same when only descriptions of the synthesis change', async () => {
    const first = await assembly({ 'a.template.json': '{}', 'a.assets.json': '{}', 'tree.json': '1' });
    const second = await assembly({ 'a.template.json': '{}', 'a.assets.json': '{}', 'tree.json': '2' });

    expect(await assemblyDigest(first)).toBe(await assemblyDigest(second));
  });

  it.each(['a.template.json', 'a.assets.json'])('changes with %s', async (name) => {
    const before = { 'a.template.json': '{}', 'a.assets.json': '{}' };

    const digests = await Promise.all(
      [before, { ...before, [name]: '{"a":1}' }].map(async (files) => assemblyDigest(await assembly(files))),
    );

    expect(digests[0]).not.toBe(digests[1]);
  });
});

describe('sourceDigest', () => {
  it('changes with a source, a setting, and nothing else', async () => {
    const directory = await assembly({ 'app.ts': 'a' });
    const before = await sourceDigest(directory, { a: '1' });

    const again = await sourceDigest(directory, { a: '1' });
    const otherSetting = await sourceDigest(directory, { a: '2' });
    await writeFile(join(directory, 'app.ts'), 'b');
    const otherSource = await sourceDigest(directory, { a: '1' });

    expect(again).toBe(before);
    expect(new Set([before, otherSetting, otherSource]).size).toBe(3);
  });
});

describe('finishedStacks', () => {
  it("reads the stacks from the CDK's output", () => {
    const output =
      'perennial-State\n\n ✅  perennial-State\n\n✨  Deployment time: 1s\n✅  perennial-Api (no changes)\n';

    expect(finishedStacks(output)).toEqual(['perennial-State', 'perennial-Api']);
  });
});

describe('hostPlatform', () => {
  it('names the platform as the setting does', () => {
    expect(hostPlatform('darwin', 'arm64')).toBe('darwin-arm64');
  });
});

describe('cdkEnvironment', () => {
  it("takes no account and no proxy of the user's", () => {
    const inherited = { AWS_PROFILE: 'work', aws_x: '1', HTTPS_PROXY: 'http://p', no_proxy: 'x', HOME: '/h' };

    const environment = cdkEnvironment({ AWS_REGION: 'us-east-1' }, inherited);

    expect(environment).toMatchObject({ HOME: '/h', no_proxy: 'x', AWS_REGION: 'us-east-1' });
    expect(environment).not.toHaveProperty('AWS_PROFILE');
    expect(environment).not.toHaveProperty('HTTPS_PROXY');
  });
});
