import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { runMlflowClient } from '../support/mlflow-client.ts';
import { buildTreeClassifier } from '../support/onnx-model.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();
const folder = mkdtempSync(join(tmpdir(), 'perennial-mlflow-'));
const model = join(folder, 'model.onnx');

beforeAll(() => writeFileSync(model, buildTreeClassifier(5, 3, 4)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['3.17', '3.5'] as const)("MLflow's Python client %s", (release) => {
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
  let seen: any;
  let caller: CloudCaller;

  beforeAll(async () => {
    caller = await CloudCaller.forNewTenant(getCloud(), `mlflow-${release.replace('.', '-')}`);
    const connection = { apiUrl: getCloud().apiUrl, token: caller.token('scientist') };
    seen = await runMlflowClient(connection, { name: 'mlflow_client.py', args: [model], release });
  });

  it('logs a run and reads it back', () => {
    expect(seen.version.startsWith(`${release}.`)).toBe(true);
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

  it('sends a file of several parts and gets it back', () => {
    expect(seen.large).toBe(true);
  });

  it('writes one run from sixteen threads, and all of it is there', () => {
    const steps = Array.from({ length: 48 }, (_, step) => step);
    expect(seen.writers).toEqual({ steps, params: 16, tags: 16 });
  });

  it('autologs a model of scikit-learn, and loads it by its run and by its version', () => {
    const { expected, ...autologged } = seen.autolog;

    expect(expected).toEqual([0, 1, 1, 0]);
    expect(autologged).toMatchObject({
      C: '0.5',
      accuracy: 1,
      estimator: 'LogisticRegression',
      loaded: expected,
      byVersion: expected,
    });
    expect(autologged.files).toContain('training_confusion_matrix.png');
  });

  it('finds runs by metric, parameter, tag and time', () => {
    expect(seen.search).toEqual({
      metric: ['first'],
      parameter: ['second'],
      tag: ['first'],
      ordered: ['first', 'second', 'writers'],
      experiments: ['Default', 'autologged', 'delays'],
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
    const version = await caller.until(path, ({ body }) => body.status !== 'CHECKING', 180);

    expect(version.body).toMatchObject({ status: 'READY', aliases: ['champion'], tags: { checked: 'yes' } });
    expect(version.body.servable).toBe(true);
  });
});
