import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller, type Role } from '../support/cloud-caller.ts';
import { buildTreeClassifier } from '../support/onnx-model.ts';
import { useCloud } from '../support/shared-cloud.ts';
import { ROOT } from '../support/source-files.ts';

const getCloud = useCloud();
const folder = mkdtempSync(join(tmpdir(), 'perennial-cli-'));
const model = join(folder, 'trees.onnx');
const broken = join(folder, 'broken.onnx');
let caller: CloudCaller;

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'cli');
  writeFileSync(model, buildTreeClassifier(5, 3, 4));
  writeFileSync(broken, 'no model at all');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
  readonly result: any;
  readonly stderr: string;
}

/** Runs `npx perennial … --json` as somebody does who knows the installation by the environment alone. */
function perennial(args: readonly string[], role: Role = 'operator'): Promise<Ran> {
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin.mjs'), '--json', ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PERENNIAL_API_URL: getCloud().apiUrl,
      PERENNIAL_TOKEN: caller.token(role),
      NODE_EXTRA_CA_CERTS: getCloud().caFile,
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, result: stdout === '' ? undefined : JSON.parse(stdout), stderr });
    });
  });
}

describe('npx perennial', () => {
  it('goes from a file to a served version and watches it roll out', async () => {
    const first = await perennial(['model', 'register', 'trees', '--onnx', model, '--tag', 'from=cli']);
    const second = await perennial(['model', 'register', 'trees', '--onnx', model]);
    const serve = ['endpoint', 'create', 'served', '--model', 'trees', '--version', '1', '--wait'];
    const endpoint = await perennial(serve);
    const start = ['rollout', 'start', 'served', '--version', '2', '--strategy', 'all-at-once'];
    const rollout = await perennial(start);
    const watched = await perennial(['rollout', 'watch', rollout.result.id, '--timeout', '90']);

    expect(first).toMatchObject({ code: 0, result: { version: 1, status: 'READY', tags: { from: 'cli' } } });
    expect(second).toMatchObject({ code: 0, result: { version: 2 } });
    expect(endpoint).toMatchObject({ code: 0, result: { status: 'IN_SERVICE', version: 1 } });
    expect(watched).toMatchObject({ code: 0, result: { outcome: 'PROMOTED' } });
  });

  it('ends with 3 when the watched rollout was not promoted', async () => {
    const start = ['rollout', 'start', 'served', '--version', '1', '--strategy', 'canary'];
    const { result } = await perennial(start);
    await caller.until(`/api/v1/rollouts/${result.id}`, ({ body }) => body.status === 'RUNNING');
    await perennial(['rollout', 'abort', result.id, '--reason', 'enough']);

    const watched = await perennial(['rollout', 'watch', result.id]);

    expect(watched.code).toBe(3);
    expect(watched.result).toMatchObject({ outcome: 'ABORTED', reason: 'enough' });
    expect(JSON.parse(watched.stderr).error).toMatchObject({ code: 'NegativeVerdict' });
  });

  it('lists in the order of the API, with the cursor', async () => {
    const { code, result } = await perennial(['model', 'list', '--limit', '10'], 'viewer');

    expect(code).toBe(0);
    expect(result).toMatchObject({ items: [{ name: 'trees' }], nextCursor: null });
  });

  it('makes a token that works, and takes it away', async () => {
    const create = ['token', 'create', '--name', 'ci', '--roles', 'viewer', '--expires-in-days', '1'];

    const { code, result } = await perennial(create, 'admin');
    const revoked = await perennial(['token', 'revoke', result.id], 'admin');

    expect(code).toBe(0);
    expect(result.token).toMatch(/^prn_/);
    expect(revoked.code).toBe(0);
  });

  it.each<[string, string[], Role, object]>([
    ['something absent', ['model', 'show', 'nothing'], 'viewer', { status: 404, code: 'NOT_FOUND' }],
    ['a role too low', ['endpoint', 'delete', 'served'], 'viewer', { status: 403 }],
    [
      'a name that cannot be',
      ['endpoint', 'create', 'UPPER', '--model', 'm', '--version', '1'],
      'operator',
      { status: 400 },
    ],
    [
      'a file that is not there',
      ['model', 'register', 'm', '--onnx', 'gone.onnx'],
      'scientist',
      { code: 'UsageError' },
    ],
    [
      'a file that is refused',
      ['model', 'register', 'm', '--onnx', 'broken.onnx'],
      'scientist',
      { code: 'UsageError' },
    ],
    ['an unknown command', ['model', 'frobnicate'], 'viewer', { code: 'UsageError' }],
    ['a missing option', ['endpoint', 'create', 'x'], 'operator', { code: 'UsageError' }],
  ])('ends with 2 and an error in JSON: %s', async (_name, args, role, error) => {
    const ran = await perennial(args, role);

    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stderr).error).toMatchObject({ message: expect.any(String), ...error });
  });

  it('ends with 1 when nothing answers', async () => {
    const ran = await perennial(['--api-url', 'http://127.0.0.1:9', 'model', 'list']);

    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stderr).error.message).toContain('http://127.0.0.1:9');
  });
});
