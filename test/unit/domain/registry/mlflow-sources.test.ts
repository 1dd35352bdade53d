import { describe, expect, it } from 'vitest';
import { makeMlflowModels } from '../../../../domain/registry/mlflow-models.ts';
import { makeMlflowVersions } from '../../../../domain/registry/mlflow-versions.ts';
import { makeTestContext } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext();
const RUN = '0'.repeat(32);
const MODEL = `m-${'1'.repeat(32)}`;
const ARTIFACTS = `tenants/acme/experiments/1/${RUN}/artifacts/`;
const MODEL_ARTIFACTS = `tenants/acme/experiments/1/models/${MODEL}/artifacts/`;
const MODEL_URI = `mlflow-artifacts:/1/models/${MODEL}/artifacts`;
const MUST_IDENTIFY = (owner: string) => `The ${owner} request parameter must identify the resource`;

async function setUp() {
  const world = new RegistryWorld();
  world.knownRuns.set(RUN, { prefix: ARTIFACTS, metrics: { auc: 0.8 } });
  world.knownLoggedModels.set(MODEL, { prefix: MODEL_ARTIFACTS, artifactUri: MODEL_URI, runId: RUN });
  const versions = makeMlflowVersions(world.deps);
  const models = makeMlflowModels(world.store);
  await models.create(context, { name: 'm', tags: [] });
  const register = async (source: string, more: object = {}) =>
    (await versions.create(context, { name: 'm', source, tags: [], ...more })).model_version;
  const downloadUri = async (version: string) =>
    (await versions.getDownloadUri(context, { name: 'm', version })).artifact_uri;
  const put = (key: string, text = 'x') => world.storage.write(key, Buffer.from(text));
  const files = async (number: number) => {
    const model = [...world.storage.objects.keys()].filter((key) => key.includes(`/versions/${number}/`));
    return model.map((key) => key.split(`/versions/${number}/`)[1]).sort();
  };
  return { world, models, versions, register, downloadUri, put, files };
}

/** Answers of MLflow's server 3.17.2 to the same calls. */
describe('a source that MLflow refuses', () => {
  it.each([
    ['runs:/r/model', {}, MUST_IDENTIFY('run_id')],
    ['runs:/r/model', { run_id: 'other' }, MUST_IDENTIFY('run_id')],
    ['runs://r/model', { run_id: 'r' }, MUST_IDENTIFY('run_id')],
    ['runs:/r/model', { model_id: MODEL }, MUST_IDENTIFY('model_id')],
    [`mlflow-artifacts:/1/${RUN}/artifacts/model`, {}, MUST_IDENTIFY('run_id')],
    [`mlflow-artifacts:/1/${RUN}/artifacts/model`, { run_id: 'none' }, MUST_IDENTIFY('run_id')],
    [`mlflow-artifacts:/1/${RUN}/artifacts/model`, { model_id: MODEL }, MUST_IDENTIFY('model_id')],
    ['mlflow-artifacts:/x/y', { run_id: RUN }, MUST_IDENTIFY('run_id')],
    [`models:/${MODEL}`, {}, MUST_IDENTIFY('model_id')],
    [`models:/${MODEL}`, { model_id: 'm-none' }, MUST_IDENTIFY('model_id')],
    ['models:/a/b/c', {}, MUST_IDENTIFY('model_id')],
    ['models:/m-none', { model_id: 'm-none' }, "Logged model with ID 'm-none' not found."],
    ['s3://b/x', { model_id: 'm-none' }, "Logged model with ID 'm-none' not found."],
    ['/tmp/x', {}, 'To use a local path as a model version source, the run_id'],
    ['dummy-source', {}, 'To use a local path as a model version source, the run_id'],
    ['file:///tmp/x', { run_id: RUN }, "source: '/tmp/x'. To use a local path"],
    ['file:///tmp/x', { run_id: 'none' }, MUST_IDENTIFY('run_id')],
    ['/tmp/x', { model_id: MODEL }, 'To use a local path as a model version source, the model_id'],
    ['http://h/x', {}, "'source' cannot use the 'http' scheme"],
    ['mlflow-artifacts://host:5000/x', {}, "'source' cannot use the 'mlflow-artifacts' scheme"],
    ['s3://b/%2e%2e/x', {}, 'without relative path references'],
    ['s3://b/x%00', {}, 'without relative path references'],
    ['s3://b/./x', {}, 'without relative path references'],
    ['s3://b', {}, 'without relative path references'],
    [`s3://b/%${'25'.repeat(60)}2e`, {}, 'without relative path references'],
    ['models:/none/1', {}, 'Registered Model with name=none not found'],
    ['models:/m/999', {}, 'Model Version (name=m, version=999) not found'],
    ['models:/m@champ', {}, 'Registered model alias champ not found.'],
    ['models:/m/Production', {}, "No versions of model with name 'm' and stage 'Production' found"],
  ])('is %s with %j', async (source, more, message) => {
    const { register } = await setUp();

    await expect(register(source, more)).rejects.toThrow(message);
  });

  it('is a version of another run than the caller says, or of a prompt', async () => {
    const { register, models } = await setUp();
    await register('runs:/r/model', { run_id: 'r' });
    await models.create(context, { name: 'p', tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });

    await expect(register('models:/m/1', { run_id: 'other' })).rejects.toThrow('must match the referenced');
    await expect(register('models:/p/1')).rejects.toThrow('Prompt versions cannot be used');
  });

  it('is a real one of a prompt', async () => {
    const { register } = await setUp();
    const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];

    await expect(register('s3://b/x', { tags })).rejects.toThrow("Invalid prompt source: 's3://b/x'");
    expect(await register('dummy-source', { tags })).toMatchObject({ status: 'READY' });
  });
});

describe('a source elsewhere', () => {
  it.each([
    ['runs:/run_id_1/model', { run_id: 'run_id_1' }, 'The run that it was made from is not there'],
    ['s3://bucket/a/b', { run_id: 'nonexistent' }, 'neither copied nor signed'],
    ['s3://b/a..b/....', {}, 'neither copied nor signed'],
    ['s3://b/100%+x//', {}, 'neither copied nor signed'],
    ['s3://artifacts/tenants/other/experiments/1/x', {}, 'neither copied nor signed'],
    ['s3://artifacts/tenants/acme/models/1/versions/1', {}, 'neither copied nor signed'],
    [`runs:/${RUN}/nothing`, { run_id: RUN }, 'There are no files at the source'],
  ])('is recorded as it is: %s', async (source, more, reason) => {
    const { world, register, downloadUri } = await setUp();
    await world.storage.write('tenants/other/experiments/1/x/MLmodel', Buffer.from('x'));

    const version = await register(source, more);

    expect(version).toMatchObject({ status: 'READY', source, run_id: '', ...more });
    expect(version.status_message).toContain(reason);
    expect(await downloadUri('1')).toBe(source);
    expect(world.requests).toEqual([]);
  });

  it('may have too many files, too large ones, or names that cannot be signed', async () => {
    const { world, register, put } = await setUp();
    for (let i = 0; i < 1001; i++) await put(`${ARTIFACTS}many/${i}`);
    await put(`${ARTIFACTS}odd/a//b`);
    const { list } = world.storage;
    world.storage.list = async (prefix) =>
      prefix.endsWith('/large/') ? [{ path: 'w', bytes: 21 * 1024 ** 3 }] : list.call(world.storage, prefix);

    const reasons = [];
    for (const folder of ['many', 'odd', 'large']) {
      reasons.push((await register(`runs:/${RUN}/${folder}`, { run_id: RUN })).status_message);
    }

    expect(reasons).toEqual([
      expect.stringContaining('There are 1001 files'),
      expect.stringContaining("'a//b' cannot be signed"),
      expect.stringContaining('21 GB'),
    ]);
  });
});

describe("a source in the platform's storage", () => {
  it.each([
    [`runs:/${RUN}//model/`, { run_id: RUN }, ARTIFACTS],
    [`mlflow-artifacts:/1//${RUN}/artifacts/mod%2565l/`, { run_id: RUN }, ARTIFACTS],
    [`s3://artifacts/${ARTIFACTS}model`, {}, ARTIFACTS],
    [`${MODEL_URI}/model`, { model_id: MODEL }, MODEL_ARTIFACTS],
  ])('is copied and signed: %s', async (source, more, root) => {
    const { world, register, put, files, downloadUri } = await setUp();
    await put(`${root}model/MLmodel`, 'flavors:\n  sklearn:\n    sklearn_version: 1.9.1\n');
    await put(`${root}model/model.pkl`);

    const version = await register(source, more);

    expect(version).toMatchObject({ status: 'READY', source });
    expect(version.status_message).toContain('skl2onnx');
    expect(await files(1)).toEqual(['MLmodel', 'model.pkl', 'model.sig']);
    expect(await downloadUri('1')).toBe(source);
    expect(world.pauses).toEqual([100]);
  });

  it('may be a logged model, whose run and address are taken over', async () => {
    const { world, register, put, downloadUri } = await setUp();
    await put(`${MODEL_ARTIFACTS}MLmodel`, 'flavors: {sklearn: {}}');

    const version = await register(`models:/${MODEL}`, { model_id: MODEL });

    expect(version).toMatchObject({ source: `models:/${MODEL}`, run_id: RUN, status: 'READY' });
    expect(await downloadUri('1')).toBe(MODEL_URI);
    expect(world.links).toEqual([`${MODEL} m/1`]);
  });

  it('may be a version, named by number, alias, stage or as the latest', async () => {
    const { register, models, versions, put, files, downloadUri } = await setUp();
    const source = `runs:/${RUN}/model`;
    await put(`${ARTIFACTS}model/MLmodel`, 'flavors: {sklearn: {}}');
    await register(source, { run_id: RUN });
    await models.setAlias(context, { name: 'm', alias: 'champ', version: '1' });
    await versions.transition(context, { name: 'm', version: '1', stage: 'Staging' });
    await put(`${ARTIFACTS}model/late`);

    const copies = [];
    for (const ref of ['/1', '@champ', '/staging', '/latest']) copies.push(await register(`models:/m${ref}`));

    expect(copies.map((copy) => [copy.source, copy.run_id])).toEqual([
      ...Array(3).fill(['models:/m/1', RUN]),
      ['models:/m/4', RUN],
    ]);
    expect(await downloadUri('5')).toBe(source);
    expect(await files(5)).toEqual(['MLmodel', 'model.sig']);
  });

  it.each([
    [`runs:/${RUN}/model`, { run_id: RUN }],
    [`s3://artifacts/${ARTIFACTS}model`, {}],
  ])('is not taken from an experiment that the caller may not read: %s', async (source, more) => {
    const { world, register, put } = await setUp();
    await put(`${ARTIFACTS}model/MLmodel`);
    world.secret = `1/${RUN}/artifacts/model`;

    await expect(register(source, more)).rejects.toMatchObject({ status: 403 });
  });

  it('is answered as pending when the check takes long', async () => {
    const { world, register, put } = await setUp();
    world.checksRun = false;
    await put(`${ARTIFACTS}model.onnx`);

    const version = await register(`runs:/${RUN}/`, { run_id: RUN });

    expect(version.status).toBe('PENDING_REGISTRATION');
    expect(world.pauses.reduce((sum, pause) => sum + pause, 0)).toBe(3000);
  });
});
