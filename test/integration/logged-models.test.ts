import { beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller, type Reply } from '../support/cloud-caller.ts';
import { runMlflowClient } from '../support/mlflow-client.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();
let caller: CloudCaller;

const call = (method: string, path: string, body?: unknown): Promise<Reply> =>
  caller.call(method, `/api/2.0/mlflow/${path}`, body, 'scientist');

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'models');
});

describe("MLflow's Python client", () => {
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
  let seen: any;

  beforeAll(async () => {
    const connection = { apiUrl: getCloud().apiUrl, token: caller.token('scientist') };
    seen = await runMlflowClient(connection, { name: 'logged_models_client.py' });
  });

  it('logs a model, and metrics of two runs about it', () => {
    expect(seen.model).toMatchObject({ name: 'late', status: 'READY', params: { C: '0.5' } });
    expect(seen.model).toMatchObject({ source: true, location: true });
    expect(seen.model.metrics).toEqual([
      ['accuracy', 0.9, 0, true, 'flights'],
      ['auc', 0.95, 0, true, 'flights'],
      ['loss', 0.4, 1, false, null],
    ]);
  });

  it('finds the model among the outputs and inputs of its runs', () => {
    expect(seen.runs).toEqual({
      outputs: [[true, 3]],
      inputs: [true],
      metrics: [{ loss: 0.4 }, { accuracy: 0.9, auc: 0.95 }],
    });
  });

  it('loads the model by its id and by its version, and reads the version on the model', () => {
    expect(seen.loaded).toEqual([
      [0, 1, 1, 0],
      [0, 1, 1, 0],
    ]);
    expect(seen.versions).toContainEqual({ name: 'late', version: '1' });
  });

  it('logs to the active model, tags and finalizes models without files', () => {
    expect(seen.ids.active).toBe(true);
    expect(seen.other[0]).toMatchObject({ stage: 'draft' });
    expect(seen.other[0]).not.toHaveProperty('team');
    expect(seen.other[1]).toBe('FAILED');
  });

  it('searches by metrics, params, tags and datasets, in any order, page by page', () => {
    expect(seen.search).toEqual({
      'newest first': ['other', 'external', 'late'],
      'by metric': ['external'],
      'by param': ['late'],
      'by tag': ['other'],
      'on a dataset': ['late'],
      'by loss': ['external', 'late', 'other'],
      'by accuracy on a dataset': ['late', 'other', 'external'],
    });
    expect(seen.pages).toEqual([['other', 'external'], ['late'], null]);
  });

  it('loses no metric of sixteen writers', () => {
    expect(seen.writers).toEqual(Array.from({ length: 32 }, (_, step) => step));
  });

  it('no longer finds a deleted model', () => {
    const unknown = (id: string) => [
      'RESOURCE_DOES_NOT_EXIST',
      `RESOURCE_DOES_NOT_EXIST: Logged model with ID '${id}' not found.`,
    ];
    expect(seen.deleted).toEqual({
      get: unknown(seen.ids.other),
      search: ['external', 'late'],
      unknown: unknown(`m-${'0'.repeat(32)}`),
    });
  });
});

describe('the routes of logged models', () => {
  it("answer as MLflow's server does, with its twins", async () => {
    const input = { experiment_id: '0', name: 'plain', params: [{ key: 'b', value: '2' }, { key: 'a' }] };
    const created = await call('POST', 'logged-models', input);
    const { model_id } = created.body.model.info;

    const twin = await caller.call('GET', `/ajax-api/2.0/mlflow/logged-models/${model_id}`);

    expect(created.body.model).toEqual({
      info: {
        model_id,
        experiment_id: '0',
        name: 'plain',
        creation_timestamp_ms: expect.any(Number),
        last_updated_timestamp_ms: expect.any(Number),
        artifact_uri: `mlflow-artifacts:/0/models/${model_id}/artifacts`,
        status: 'LOGGED_MODEL_PENDING',
        model_type: '',
        source_run_id: '',
      },
      data: {
        params: [
          { key: 'a', value: '' },
          { key: 'b', value: '2' },
        ],
      },
    });
    expect(twin.body).toEqual(created.body);
  });

  it('take the status by name or number, and need the id in the body as well', async () => {
    const { body } = await call('POST', 'logged-models', { experiment_id: '0' });
    const { model_id } = body.model.info;

    const byNumber = await call('PATCH', `logged-models/${model_id}`, { model_id, status: 2 });
    const without = await call('PATCH', `logged-models/${model_id}`, { status: 'LOGGED_MODEL_READY' });

    expect(byNumber.body.model.info.status).toBe('LOGGED_MODEL_READY');
    expect(without).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(without.body.message).toContain("Missing value for required parameter 'model_id'.");
  });

  it('show a deleted model to those who ask for it, and tell the audit who deleted it', async () => {
    const { body } = await call('POST', 'logged-models', { experiment_id: '0', name: 'gone' });
    const { model_id } = body.model.info;

    const deletion = await call('DELETE', `logged-models/${model_id}`);
    const hidden = await call('GET', `logged-models/${model_id}`);
    const shown = await call('GET', `logged-models/${model_id}?allow_deleted=true`);

    expect([deletion.status, hidden.status, shown.status]).toEqual([200, 404, 200]);
    const path = `/api/v1/audit?resource=experiments/0/models/${model_id}`;
    const told = await caller.call('GET', path, undefined, 'admin');
    const actions = told.body.items.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(
      expect.arrayContaining([
        'perennial.tracking.LoggedModelCreated',
        'perennial.tracking.LoggedModelChanged',
      ]),
    );
  });

  it("keep another tenant's model apart, and a viewer from changing one", async () => {
    const stranger = await CloudCaller.forNewTenant(getCloud(), 'stranger');
    const { body } = await call('POST', 'logged-models', { experiment_id: '0' });
    const path = `/api/2.0/mlflow/logged-models/${body.model.info.model_id}`;

    const foreign = await stranger.call('GET', path, undefined, 'admin');
    const viewer = await caller.call('DELETE', path, undefined, 'viewer');

    expect([foreign.status, viewer.status]).toEqual([404, 403]);
  });
});
