import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { runMlflowClient, runMlflowScript } from '../support/mlflow-client.ts';
import { type MlflowServer, startMlflowServer } from '../support/mlflow-server.ts';
import { useCloud } from '../support/shared-cloud.ts';
import { ROOT } from '../support/source-files.ts';

const getCloud = useCloud();
const folder = mkdtempSync(join(tmpdir(), 'perennial-moving-'));
let caller: CloudCaller;
let source: MlflowServer;
let target: MlflowServer;

const onServer = (name: string, { origin }: MlflowServer) =>
  runMlflowScript({ name, variables: { MLFLOW_TRACKING_URI: origin } });

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
  return { code, stderr, report: stdout === '' ? undefined : JSON.parse(stdout) };
}

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'moving');
  source = await startMlflowServer();
  target = await startMlflowServer();
  await onServer('mlflow_fill.py', source);
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
    const command = ['import', 'mlflow', '--from', source.origin];

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
    const there = await onServer('mlflow_look.py', source);
    const here = await runMlflowClient(
      { apiUrl: getCloud().apiUrl, token: caller.token('scientist') },
      { name: 'mlflow_look.py' },
    );

    expect(there.logged.predicts).toHaveLength(2);
    expect(here).toEqual(there);
  }, 600_000);

  it('goes the other way into an empty server, which then shows the same too', async () => {
    const journal = join(folder, 'export.jsonl');
    const command = ['export', 'mlflow', '--to', target.origin];

    const { code, report, stderr } = await perennial(command, journal);
    const there = await onServer('mlflow_look.py', source);
    const elsewhere = await onServer('mlflow_look.py', target);

    expect(report, stderr).toMatchObject({ problems: [], differences: [] });
    expect(code).toBe(0);
    expect(report.counts.target).toMatchObject(COUNTS);
    expect(elsewhere).toEqual(there);
  }, 600_000);

  it('ends with 2 for an address that is no server and for names that are not there', async () => {
    const journal = join(folder, 'none.jsonl');

    const noServer = await perennial(['import', 'mlflow', '--from', './mlruns'], journal);
    const unknown = await perennial(
      ['import', 'mlflow', '--from', source.origin, '--models', 'nothing'],
      journal,
    );

    expect(noServer.code).toBe(2);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('The source has no registered model nothing.');
  });
});
