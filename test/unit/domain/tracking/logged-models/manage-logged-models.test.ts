import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLoggedModelStore } from '../../../../../adapters/memory/memory-logged-model-store.ts';
import { MemoryStore } from '../../../../../adapters/memory/memory-store.ts';
import { listTrash } from '../../../../../domain/shared/trash.ts';
import {
  changeExperiment,
  moveExperiment,
} from '../../../../../domain/tracking/experiments/change-experiment.ts';
import { createExperiment } from '../../../../../domain/tracking/experiments/create-experiment.ts';
import { getLoggedModel } from '../../../../../domain/tracking/logged-models/change-logged-model.ts';
import { createLoggedModel } from '../../../../../domain/tracking/logged-models/create-logged-model.ts';
import { formatModelId, parseModelId } from '../../../../../domain/tracking/logged-models/logged-model.ts';
import {
  parseModelStatus,
  toMlflowLoggedModel,
} from '../../../../../domain/tracking/logged-models/logged-model-view.ts';
import {
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  linkModelVersion,
  logLoggedModelParams,
  setLoggedModelTags,
} from '../../../../../domain/tracking/logged-models/manage-logged-models.ts';
import { makeTestContext, makeTestRandomBytes, NOON_MS } from '../../../../support/call-context.ts';

const context = makeTestContext();
const later = makeTestContext({ nowMs: NOON_MS + 60_000 });
let store: MemoryStore;
let models: MemoryLoggedModelStore;
let experimentId: string;

async function create(input: Partial<Parameters<typeof createLoggedModel>[2]> = {}) {
  const deps = { store, models, randomBytes: makeTestRandomBytes() };
  return createLoggedModel(deps, context, { experimentId, params: [], tags: [], ...input });
}

const read = (modelId: string) => getLoggedModel(models, context, modelId, { allowDeleted: true });

beforeEach(async () => {
  store = new MemoryStore();
  models = new MemoryLoggedModelStore(store);
  experimentId = (await createExperiment(store, context, { name: 'flights' })).experimentId;
});

describe("a logged model's id", () => {
  it('says the experiment and the time of creation', () => {
    const id = formatModelId(NOON_MS, '4294967295', new Uint8Array(9).fill(171));

    expect(id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(parseModelId(id)).toEqual({ experimentId: '4294967295', creationTimestamp: NOON_MS });
  });

  it.each(['', 'm-', 'm-zz', `m-${'0'.repeat(31)}`, '0'.repeat(32), `x-${'0'.repeat(32)}`])(
    'is not read from %j',
    (text) => {
      expect(parseModelId(text)).toBeUndefined();
    },
  );
});

describe('creating a logged model', () => {
  it('starts pending, with what was said and its place below the experiment', async () => {
    const params = [{ key: 'lr', value: '0.1' }];
    const tags = [{ key: 'team', value: 'ops' }];

    const model = await create({ name: 'forest', modelType: 'sklearn', sourceRunId: 'r1', params, tags });

    expect(model).toMatchObject({
      ...{ name: 'forest', modelType: 'sklearn', sourceRunId: 'r1', status: 'LOGGED_MODEL_PENDING' },
      ...{
        creationTimestamp: NOON_MS,
        lastUpdatedTimestamp: NOON_MS,
        params: { lr: '0.1' },
        tags: { team: 'ops' },
      },
    });
    expect(model.artifactUri).toBe(`mlflow-artifacts:/${experimentId}/models/${model.modelId}/artifacts`);
    expect(await read(model.modelId)).toEqual(model);
  });

  it.each([undefined, ''])('makes up a name for the name %j', async (name) => {
    expect((await create({ name })).name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
  });

  it.each(['a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b"])('refuses the name %s', async (name) => {
    const creation = create({ name });

    await expect(creation).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(creation).rejects.toThrow(
      /^Invalid model name \((["']).+\1\) provided\. Model name must be a non-empty string and cannot contain/,
    );
  });

  it('refuses a param or a tag that is there twice', async () => {
    const twice = [
      { key: 'k', value: '1' },
      { key: 'k', value: '1' },
    ];

    await expect(create({ params: twice })).rejects.toMatchObject({ code: 'BAD_REQUEST', status: 400 });
    await expect(create({ tags: twice })).rejects.toMatchObject({ code: 'BAD_REQUEST', status: 400 });
  });

  it('needs an active experiment', async () => {
    await expect(create({ experimentId: '99' })).rejects.toThrow('No Experiment with id=99 exists');
    await moveExperiment(store, context, experimentId, 'deleted');

    await expect(create()).rejects.toThrow(
      `The experiment ${experimentId} must be in the 'active' state. Current state is deleted.`,
    );
  });

  it('tells who did it', async () => {
    const { modelId } = await create({ name: 'forest' });

    expect(store.events.slice(1)).toMatchObject([
      {
        detailType: 'LoggedModelCreated',
        actor: 'tok_alice',
        resource: `experiments/${experimentId}/models/${modelId}`,
        data: { modelId, experimentId, name: 'forest' },
      },
    ]);
  });
});

describe('finalizing a logged model', () => {
  it('changes status and time, whatever the status was', async () => {
    const { modelId } = await create();

    await finalizeLoggedModel(models, context, modelId, 'LOGGED_MODEL_UPLOAD_FAILED');
    const ready = await finalizeLoggedModel(models, later, modelId, 'LOGGED_MODEL_READY');

    expect(ready).toMatchObject({ status: 'LOGGED_MODEL_READY', lastUpdatedTimestamp: NOON_MS + 60_000 });
    expect(await read(modelId)).toEqual(ready);
  });

  it.each([
    [2, 'LOGGED_MODEL_READY'],
    ['3', 'LOGGED_MODEL_UPLOAD_FAILED'],
    [2.5, 'LOGGED_MODEL_READY'],
    ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_PENDING'],
    [9, 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
    [-1, 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
    ['READY', 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
  ])('takes the status %j for %s, as protobuf does', (given, expected) => {
    expect(parseModelStatus(given)).toBe(expected);
  });
});

describe('a deleted logged model', () => {
  it('is found only by those who ask for deleted ones, and deleting it again is no error', async () => {
    const { modelId } = await create();

    await deleteLoggedModel(models, later, modelId);
    await deleteLoggedModel(models, later, modelId);

    await expect(getLoggedModel(models, context, modelId)).rejects.toThrow(
      `Logged model with ID '${modelId}' not found.`,
    );
    expect(await read(modelId)).toMatchObject({
      lifecycleStage: 'deleted',
      lastUpdatedTimestamp: NOON_MS + 60_000,
    });
    expect(store.events.filter(({ data }) => data.change === 'deleted')).toHaveLength(1);
    const trash = await listTrash(store, NOON_MS + 60_001, 10);
    expect(trash.map(({ value }) => value)).toEqual([
      { tenant: 'acme', kind: 'logged-model', id: modelId, deletedAt: NOON_MS + 60_000 },
    ]);
  });

  it('can still be tagged, as in MLflow', async () => {
    const { modelId } = await create();
    await deleteLoggedModel(models, context, modelId);

    await setLoggedModelTags(models, context, modelId, [{ key: 'a', value: 'b' }]);

    expect((await read(modelId)).tags).toEqual({ a: 'b' });
  });
});

describe('tags of a logged model', () => {
  it('take the last value of a key, and are written once', async () => {
    const { modelId } = await create({ tags: [{ key: 'a', value: '1' }] });
    const tags = [
      { key: 'a', value: '2' },
      { key: 'a', value: '3' },
      { key: 'b', value: '' },
    ];

    await setLoggedModelTags(models, context, modelId, tags);
    await setLoggedModelTags(models, context, modelId, tags);

    expect((await read(modelId)).tags).toEqual({ a: '3', b: '' });
    expect((await models.find(context.tenant, modelId))?.revision).toBe(2);
  });

  it('are removed once', async () => {
    const { modelId } = await create({ tags: [{ key: "it's", value: '1' }] });

    await deleteLoggedModelTag(models, context, modelId, "it's");
    const again = deleteLoggedModelTag(models, context, modelId, "it's");

    await expect(again).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(again).rejects.toThrow(`No tag with key "it's" found for model with ID '${modelId}'.`);
    expect((await read(modelId)).tags).toEqual({});
  });
});

describe('params of a logged model', () => {
  it('pass again with the value they have, and not with another one', async () => {
    const { modelId } = await create({ params: [{ key: 'lr', value: '0.1' }] });

    await logLoggedModelParams(models, context, modelId, [
      { key: 'lr', value: '0.1' },
      { key: 'depth', value: '3' },
    ]);
    const changed = logLoggedModelParams(models, context, modelId, [
      { key: 'new', value: 'x' },
      { key: 'lr', value: '0.2' },
    ]);

    await expect(changed).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect((await read(modelId)).params).toEqual({ lr: '0.1', depth: '3' });
  });
});

describe('a registered version of a logged model', () => {
  it('is written on it once, in the order of registration', async () => {
    const { modelId } = await create();
    const versions = [
      { name: 'churn "1"', version: 1 },
      { name: 'churn', version: 2 },
      { name: 'churn', version: 2 },
    ];

    for (const version of versions) await linkModelVersion(models, context, modelId, version);

    expect((await read(modelId)).tags['mlflow.modelVersions']).toBe(
      '[{"name": "churn \\"1\\"", "version": 1}, {"name": "churn", "version": 2}]',
    );
  });

  it.each(['no json', '{}', '[1, {"other": 2}]'])('replaces a tag of %j', async (value) => {
    const { modelId } = await create({ tags: [{ key: 'mlflow.modelVersions', value }] });

    await linkModelVersion(models, context, modelId, { name: 'churn', version: 1 });

    expect((await read(modelId)).tags['mlflow.modelVersions']).toBe('[{"name": "churn", "version": 1}]');
  });
});

describe('permissions on the experiment', () => {
  it.each([
    { grant: 'NO_PERMISSIONS', read: false, edit: false, manage: false },
    { grant: 'READ', read: true, edit: false, manage: false },
    { grant: 'EDIT', read: true, edit: true, manage: false },
    { grant: 'MANAGE', read: true, edit: true, manage: true },
  ] as const)('$grant lets read $read, change $edit and delete $manage', async (row) => {
    const { modelId } = await create();
    const guest = makeTestContext({ actor: 'tok_bob', roles: ['scientist'] });
    const grants = { tok_bob: row.grant };
    await changeExperiment(store, context, experimentId, {
      what: 'shared',
      change: (experiment) => ({ ...experiment, grants }),
    });
    const isAllowed = async (call: Promise<unknown>) =>
      call.then(
        () => true,
        (error: { code: string }) => (error.code === 'FORBIDDEN' ? false : error),
      );

    const tags = [{ key: 'a', value: 'b' }];
    const read = await isAllowed(getLoggedModel(models, guest, modelId));
    const edit = await isAllowed(setLoggedModelTags(models, guest, modelId, tags));
    const manage = await isAllowed(deleteLoggedModel(models, guest, modelId));

    expect({ read, edit, manage }).toEqual({ read: row.read, edit: row.edit, manage: row.manage });
  });
});

describe('an unknown logged model', () => {
  it.each([
    ['read', () => getLoggedModel(models, context, 'm-1')],
    ['finalized', () => finalizeLoggedModel(models, context, 'm-1', 'LOGGED_MODEL_READY')],
    ['deleted', () => deleteLoggedModel(models, context, 'm-1')],
    ['tagged', () => setLoggedModelTags(models, context, 'm-1', [])],
    ['given params', () => logLoggedModelParams(models, context, 'm-1', [])],
  ])('cannot be %s', async (_what, call) => {
    await expect(call()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: "Logged model with ID 'm-1' not found.",
    });
  });
});

describe('a logged model as MLflow’s JSON', () => {
  it('leaves out what is empty, but type and run', async () => {
    const model = await create({ name: 'forest' });

    expect(toMlflowLoggedModel(model)).toEqual({
      info: {
        model_id: model.modelId,
        experiment_id: experimentId,
        name: 'forest',
        creation_timestamp_ms: NOON_MS,
        last_updated_timestamp_ms: NOON_MS,
        artifact_uri: model.artifactUri,
        status: 'LOGGED_MODEL_PENDING',
        model_type: '',
        source_run_id: '',
      },
      data: {},
    });
  });

  it('orders params and tags by key', async () => {
    const pairs = ['b', 'Z', 'a'].map((key) => ({ key, value: key }));

    const { info, data } = toMlflowLoggedModel(await create({ params: pairs, tags: pairs }));

    expect(info.tags?.map(({ key }) => key)).toEqual(['Z', 'a', 'b']);
    expect(data.params?.map(({ key }) => key)).toEqual(['Z', 'a', 'b']);
  });
});
