import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { buildTreeClassifier } from '../support/onnx-model.ts';
import { ensureTestPython } from '../support/python-environment.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();
const folder = mkdtempSync(join(tmpdir(), 'perennial-mlflow-'));
// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
let seen: any;
let caller: CloudCaller;

beforeAll(async () => {
  const python = join(ensureTestPython(), 'python');
  caller = await CloudCaller.forNewTenant(getCloud(), 'mlflow');
  const model = join(folder, 'model.onnx');
  writeFileSync(model, buildTreeClassifier(5, 3, 4));
  const script = join(import.meta.dirname, 'mlflow_client.py');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    MLFLOW_TRACKING_URI: getCloud().apiUrl,
    MLFLOW_TRACKING_TOKEN: caller.token('scientist'),
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
  };
  const { stdout } = await promisify(execFile)(python, [script, model, mkdtempSync(join(folder, 'work-'))], {
    env,
  });
  seen = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("MLflow's Python client", () => {
  it('logs a run and reads it back', () => {
    expect(seen.version).toMatch(/^3\.17\./);
    expect(seen.run).toEqual({
      status: 'FINISHED',
      name: 'first',
      params: { rounds: '20', learning_rate: '0.1' },
      auc: 0.83,
      team: 'operations',
      history: [
        [1, 0.81],
        [2, 0.83],
      ],
    });
  });

  it('logs a batch of 1,000 metrics', () => {
    expect(seen.batch.history).toBe(100);
    expect(seen.batch.last).toMatchObject({ m0: 990, m9: 999 });
    console.log(`a batch of 1,000 metrics: ${seen.batch.seconds.toFixed(2)} s`);
  });

  it('uploads artifacts and gets the same bytes again', () => {
    expect(seen.artifacts).toEqual({ paths: ['docs/notes.txt'], text: 'what we saw', same: true });
  });

  it('finds runs by metric, parameter, tag and time', () => {
    expect(seen.search).toEqual({
      metric: ['first'],
      parameter: ['second'],
      tag: ['first'],
      ordered: ['first', 'second'],
      experiments: ['Default', 'delays'],
    });
  });

  it('registers a version from a run and finds it by its alias', () => {
    expect(seen.registry).toEqual({
      status: 'READY',
      run: true,
      byAlias: ['1', { checked: 'yes' }],
      found: ['1'],
    });
  });

  it('gets the errors that it knows', () => {
    expect(seen.errors).toEqual({
      'absent run': 'RESOURCE_DOES_NOT_EXIST',
      'other value': 'INVALID_PARAMETER_VALUE',
      twice: 'RESOURCE_ALREADY_EXISTS',
    });
  });

  it('meets a version that the platform itself serves', async () => {
    const path = '/api/v1/models/delays/versions/1';
    const version = await caller.until(path, ({ body }) => body.status !== 'CHECKING', 90);

    expect(version.body).toMatchObject({ status: 'READY', aliases: ['champion'], tags: { checked: 'yes' } });
    expect(version.body.servable).toBe(true);
  });
});
