import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { type RealMlflow, startMlflow } from '../support/mlflow-server.ts';
import { ensureTestPython } from '../support/python-environment.ts';
import { useCloud } from '../support/shared-cloud.ts';
import { ROOT } from '../support/source-files.ts';

const getCloud = useCloud();
const folder = mkdtempSync(join(tmpdir(), 'perennial-moving-'));
const bin = ensureTestPython();
let caller: CloudCaller;
let [source, target]: RealMlflow[] = [];
// biome-ignore lint/suspicious/noExplicitAny: what clients see is compared, not computed with
type Seen = any;

/** Runs a script with MLflow's own client; the last line that it prints is JSON. */
async function python(script: string, uri: string, work: string, token?: string): Promise<Seen> {
  mkdirSync(join(folder, work), { recursive: true });
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    MLFLOW_TRACKING_URI: uri,
    ...(token === undefined ? {} : { MLFLOW_TRACKING_TOKEN: token, REQUESTS_CA_BUNDLE: getCloud().caFile }),
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
    GIT_PYTHON_REFRESH: 'quiet',
  };
  const args = [join(import.meta.dirname, script), join(folder, work)];
  const options = { env, cwd: join(folder, work), maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(join(bin, 'python'), args, options);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** Runs the command; with `lines`, kills it as soon as its journal has that many. */
async function perennial(args: readonly string[], journal: string, lines = Number.POSITIVE_INFINITY) {
  const all = [join(ROOT, 'cli/main.ts'), '--json', ...args, '--journal', journal];
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    PERENNIAL_API_URL: getCloud().apiUrl,
    PERENNIAL_TOKEN: caller.token('scientist'),
    NODE_EXTRA_CA_CERTS: getCloud().caFile,
  };
  const child = spawn(process.execPath, all, { cwd: folder, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  while (child.exitCode === null && child.signalCode === null && lines !== Number.POSITIVE_INFINITY) {
    if (existsSync(journal) && readFileSync(journal, 'utf8').split('\n').length > lines)
      child.kill('SIGKILL');
    await sleep(20);
  }
  const code = await ended;
  return { code, stderr, report: stdout === '' ? undefined : (JSON.parse(stdout) as Seen) };
}

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'moving');
  const start = (name: string) => {
    mkdirSync(join(folder, name));
    return startMlflow(bin, join(folder, name));
  };
  [source, target] = await Promise.all([start('source'), start('target')]);
  await python('mlflow_fill.py', source.uri, 'fill');
}, 600_000);

afterAll(() => {
  source?.stop();
  target?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const COUNTS = {
  experiments: 3,
  'deleted experiments': 1,
  runs: 30,
  'deleted runs': 2,
  params: 200,
  'metric points': 5388,
  'dataset inputs': 2,
  'logged models': 1,
  'logged model metrics': 1,
  'registered models and prompts': 3,
  versions: 5,
  aliases: 4,
  'artifact files': 32,
};

describe('moving from an MLflow server and to another', () => {
  it('counts the same on both sides after it was killed twice, once with its journal lost', async () => {
    const journal = join(folder, 'import.jsonl');
    const command = ['import', 'mlflow', '--from', source?.uri ?? ''];

    const first = await perennial(command, journal, 12);
    rmSync(journal);
    const second = await perennial(command, journal, 45);
    const { code, report, stderr } = await perennial(command, journal);

    expect([first.code, second.code]).toEqual([null, null]);
    expect(report, stderr).toMatchObject({ problems: [], differences: [] });
    expect(code).toBe(0);
    expect(report.counts.source).toMatchObject(COUNTS);
    expect(report.counts.target).toEqual(report.counts.source);
  }, 600_000);

  it("shows MLflow's client the same as the source", async () => {
    const there = await python('mlflow_look.py', source?.uri ?? '', 'look-source');
    const here = await python('mlflow_look.py', getCloud().apiUrl, 'look-here', caller.token('scientist'));

    expect(there.logged.predicts).toHaveLength(2);
    expect(here).toEqual(there);
  }, 600_000);

  it('goes the other way into an empty server, which then shows the same too', async () => {
    const journal = join(folder, 'export.jsonl');
    const command = ['export', 'mlflow', '--to', target?.uri ?? ''];

    const { code, report, stderr } = await perennial(command, journal);
    const [there, elsewhere] = [
      await python('mlflow_look.py', source?.uri ?? '', 'look-source-again'),
      await python('mlflow_look.py', target?.uri ?? '', 'look-target'),
    ];

    expect(report, stderr).toMatchObject({ problems: [], differences: [] });
    expect(code).toBe(0);
    expect(report.counts.target).toMatchObject(COUNTS);
    expect(elsewhere).toEqual(there);
  }, 600_000);

  it('ends with 2 for an address that is no server and for names that are not there', async () => {
    const journal = join(folder, 'none.jsonl');

    const noServer = await perennial(['import', 'mlflow', '--from', './mlruns'], journal);
    const unknown = await perennial(
      ['import', 'mlflow', '--from', source?.uri ?? '', '--models', 'nothing'],
      journal,
    );

    expect(noServer.code).toBe(2);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('The source has no registered model nothing.');
  });
});
