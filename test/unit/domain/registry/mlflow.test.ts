import { describe, expect, it } from 'vitest';
import { makeMlflowModels } from '../../../../domain/registry/mlflow-models.ts';
import { makeMlflowVersions } from '../../../../domain/registry/mlflow-versions.ts';
import { createRunReader } from '../../../../domain/registry/read-runs.ts';
import { searchRegisteredModels } from '../../../../domain/registry/search/search-models.ts';
import { searchModelVersions } from '../../../../domain/registry/search/search-versions.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext();
const RUN = '0'.repeat(32);
const ARTIFACTS = `tenants/acme/experiments/1/${RUN}/artifacts/`;

function setUp() {
  const world = new RegistryWorld();
  world.knownRuns.set(RUN, { prefix: ARTIFACTS, metrics: { auc: 0.8 } });
  const models = makeMlflowModels(world.store);
  const versions = makeMlflowVersions(world.deps);
  const create = (name: string, tags: Record<string, string> = {}, by = context) =>
    models.create(by, { name, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) });
  const register = (name: string, source = 's3://b/x', more: object = {}, by = context) =>
    versions.create(by, { name, source, tags: [], ...more });
  return { world, models, versions, create, register };
}

describe("MLflow's registered models", () => {
  it('are created with tags and description, in the form of MLflow', async () => {
    const { models } = setUp();

    const { registered_model } = await models.create(context, {
      name: 'a b',
      tags: [{ key: 'k', value: 'v' }],
      description: 'd',
    });

    expect(registered_model).toEqual({
      name: 'a b',
      creation_timestamp: NOON_MS,
      last_updated_timestamp: NOON_MS,
      user_id: 'tok_alice',
      description: 'd',
      latest_versions: [],
      tags: [{ key: 'k', value: 'v' }],
      aliases: [],
    });
  });

  it('have their own words for a name that is taken or absent', async () => {
    const { models, create } = setUp();
    await create('m');

    await expect(create('m')).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: 'Registered Model (name=m) already exists.',
    });
    await expect(models.get(context, 'x')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Registered Model with name=x not found',
    });
  });

  it.each([
    [' ', "Missing value for required parameter 'name'."],
    ['a/b', "Invalid model name 'a/b'. Names cannot contain '/' or ':'."],
    ['..', "This name would resolve to '..'"],
    ['x'.repeat(257), 'maximum length of 256'],
  ])('refuse the name %j', async (name, message) => {
    await expect(setUp().create(name)).rejects.toThrow(message);
  });

  it('are renamed and updated; an absent description clears it', async () => {
    const { models, create } = setUp();
    await create('m');
    await create('taken');

    const renamed = await models.rename(context, 'm', 'n');
    const updated = await models.update(context, 'n', 'text');
    const cleared = await models.update(context, 'n');

    expect(renamed.registered_model.name).toBe('n');
    expect([updated, cleared].map((answer) => answer.registered_model.description)).toEqual([
      'text',
      undefined,
    ]);
    await expect(models.rename(context, 'n', 'taken')).rejects.toThrow('(name=taken) already exists');
    await expect(models.rename(context, 'm', 'o')).rejects.toThrow('name=m not found');
  });

  it('keep their time of change when tags and aliases change', async () => {
    const { models, create, register } = setUp();
    await create('m');
    await register('m');
    const later = makeTestContext({ nowMs: NOON_MS + 1000 });

    await models.setTag(later, 'm', { key: 'k', value: 'v' });
    await models.setAlias(later, { name: 'm', alias: 'champion', version: '1' });
    const { registered_model } = await models.get(later, 'm');

    expect(registered_model).toMatchObject({
      last_updated_timestamp: NOON_MS,
      tags: [{ key: 'k', value: 'v' }],
      aliases: [{ alias: 'champion', version: '1' }],
    });
  });

  it('lose tags and aliases, absent ones without a word', async () => {
    const { models, create } = setUp();
    await create('m', { k: 'v' });

    await models.deleteTag(context, 'm', 'k');
    await models.deleteTag(context, 'm', 'k');
    await models.deleteAlias(context, 'm', 'a');

    expect((await models.get(context, 'm')).registered_model.tags).toEqual([]);
  });

  it.each([
    [{ key: 'k'.repeat(251), value: '' }, 250],
    [{ key: 'k', value: 'v'.repeat(100_001) }, 100_000],
  ])('refuse tags that are too long (%#)', async (tag, limit) => {
    const { models } = setUp();

    await expect(models.setTag(context, 'm', tag)).rejects.toThrow(`${limit} characters`);
  });

  it('share their names with prompts, and say who has it', async () => {
    const { create } = setUp();
    await create('p', { 'mlflow.prompt.is_prompt': 'true' });

    await expect(create('p', { 'mlflow.prompt.is_prompt': 'true' })).rejects.toThrow(
      'Prompt (name=p) already exists.',
    );
    await expect(create('p')).rejects.toThrow(
      "Tried to create a registered model with name 'p', but the name is already taken by a prompt.",
    );
  });

  it('find a version by alias, and say when there is none', async () => {
    const { models, create, register } = setUp();
    await create('m');
    await register('m');
    await models.setAlias(context, { name: 'm', alias: 'champion', version: '1' });

    const { model_version } = await models.getByAlias(context, 'm', 'champion');

    expect(model_version).toMatchObject({ version: '1', aliases: ['champion'] });
    await expect(models.getByAlias(context, 'm', 'x')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'Registered model alias x not found.',
    });
  });

  it.each([
    ['latest', 'is reserved'],
    ['V3', 'is reserved'],
    ['a b', 'Invalid alias name'],
    ['a'.repeat(256), 'maximum length'],
  ])('refuse the alias %s', async (alias, message) => {
    const { models, create } = setUp();
    await create('m');

    await expect(models.setAlias(context, { name: 'm', alias, version: '1' })).rejects.toThrow(message);
  });

  it('answer the newest version of each stage', async () => {
    const { models, versions, create, register } = setUp();
    await create('m');
    for (let i = 0; i < 3; i++) await register('m');
    await versions.transition(context, { name: 'm', version: '1', stage: 'production' });

    const all = await models.getLatest(context, 'm', []);
    const some = await models.getLatest(context, 'm', ['PRODUCTION']);

    expect(all.model_versions.map(({ version, current_stage }) => [version, current_stage])).toEqual([
      ['3', 'None'],
      ['1', 'Production'],
    ]);
    expect(some.model_versions.map(({ version }) => version)).toEqual(['1']);
    await expect(models.getLatest(context, 'm', ['x'])).rejects.toThrow('Invalid Model Version stage: x');
  });

  it('are deleted with versions in whatever stage', async () => {
    const { models, versions, create, register } = setUp();
    await create('m');
    await register('m');
    await versions.transition(context, { name: 'm', version: '1', stage: 'Production' });

    await models.delete(context, 'm');

    await expect(models.get(context, 'm')).rejects.toThrow('not found');
  });
});

describe("MLflow's model versions", () => {
  it('of artifacts with an ONNX model are checked and can be served', async () => {
    const { world, create, register, versions } = setUp();
    await create('m');
    await world.storage.write(`${ARTIFACTS}model/model.onnx`, Buffer.from('graph'));

    const created = await register('m', `runs:/${RUN}/model`, { run_id: RUN, run_link: 'http://x' });
    const { model_version } = await versions.get(context, { name: 'm', version: '1' });

    expect(created.model_version.status).toBe('READY');
    expect(model_version).toMatchObject({
      version: '1',
      status: 'READY',
      source: `runs:/${RUN}/model`,
      run_id: RUN,
      run_link: 'http://x',
      current_stage: 'None',
    });
    expect(world.eventData('ModelVersionRegistered')).toMatchObject([{ source: 'mlflow', servable: true }]);
  });

  it('of another flavour are READY, and say what makes them servable', async () => {
    const { world, create, register } = setUp();
    await create('m');
    await world.storage.write(`${ARTIFACTS}model/MLmodel`, Buffer.from('x'));

    const { model_version } = await register('m', `runs:/${RUN}/model`, { run_id: RUN });

    expect(model_version).toMatchObject({ status: 'READY' });
    expect(model_version.status_message).toContain('mlflow.onnx.log_model');
  });

  it.each(['s3://bucket/x', 'foo:/bar', 'gs://b/x'])('keep the source %s as it is', async (source) => {
    const { create, register, versions } = setUp();
    await create('m');

    const { model_version } = await register('m', source);

    expect(model_version).toMatchObject({ status: 'READY', source });
    expect(model_version.status_message).toContain("outside of this platform's artifact storage");
    expect(await versions.getDownloadUri(context, { name: 'm', version: '1' })).toEqual({
      artifact_uri: source,
    });
  });

  it('that failed their check say why', async () => {
    const { world, create, register, versions } = setUp();
    await create('m');
    await world.storage.write(`${ARTIFACTS}model.onnx`, Buffer.from('graph'));
    world.checker.verdict = { ok: false, reasons: ['It is broken.', 'Badly.'] };

    await register('m', `mlflow-artifacts:/1/${RUN}/artifacts`, { run_id: RUN });

    expect((await versions.get(context, { name: 'm', version: '1' })).model_version).toMatchObject({
      status: 'FAILED_REGISTRATION',
      status_message: 'It is broken. Badly.',
    });
  });

  it('copied from another version lie where that one does', async () => {
    const { world, create, register, versions } = setUp();
    await create('m');
    await create('n');
    await world.storage.write(`${ARTIFACTS}model.onnx`, Buffer.from('graph'));
    await register('m', `runs:/${RUN}/`, { run_id: RUN });

    await register('n', 'models:/m/1');

    const uri = await versions.getDownloadUri(context, { name: 'n', version: '1' });
    expect(uri).toEqual({ artifact_uri: `runs:/${RUN}/` });
    expect(world.eventData('ModelVersionRegistered')).toHaveLength(2);
  });

  it.each([
    ['s3://b/../x', {}, 'without relative path references'],
    ['mlflow-artifacts:/1/%252e%252e/x', {}, 'without relative path references'],
    ['runs:/r/%00', {}, 'without relative path references'],
    ['models:/m/9', {}, 'Model Version (name=m, version=9) not found'],
  ])('refuse the source %s', async (source, more, message) => {
    const { create, register } = setUp();
    await create('m');

    await expect(register('m', source, more)).rejects.toThrow(message);
  });

  it('take a stray percent sign in a source as a name', async () => {
    const { create, register } = setUp();
    await create('m');

    await expect(register('m', 's3://b/100%')).resolves.toBeDefined();
  });

  it('need their model', async () => {
    await expect(setUp().register('x')).rejects.toThrow('Registered Model with name=x not found');
  });

  it('have their own words for what is absent or no number', async () => {
    const { versions, create } = setUp();
    await create('m');

    await expect(versions.get(context, { name: 'm', version: '3' })).rejects.toThrow(
      'Model Version (name=m, version=3) not found',
    );
    await expect(versions.get(context, { name: 'm', version: 'x' })).rejects.toThrow(
      "Parameter 'version' must be an integer, got 'x'.",
    );
  });

  it('change stage, archiving the others when asked', async () => {
    const { versions, create, register } = setUp();
    await create('m');
    await register('m');
    await register('m');
    await versions.transition(context, { name: 'm', version: '1', stage: 'Production' });

    const archiveExisting = true;
    await versions.transition(context, { name: 'm', version: '2', stage: 'Production', archiveExisting });
    const one = await versions.get(context, { name: 'm', version: '1' });

    expect(one.model_version.current_stage).toBe('Archived');
    await expect(
      versions.transition(context, { name: 'm', version: '1', stage: 'None', archiveExisting }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining("'None' is not an") });
  });

  it('are found under their new name after a rename, which counts as a change of theirs', async () => {
    const { models, versions, create, register } = setUp();
    await create('m');
    await register('m');

    await models.rename(makeTestContext({ nowMs: NOON_MS + 1000 }), 'm', 'n');
    const { model_version } = await versions.get(context, { name: 'n', version: '01' });

    expect(model_version).toMatchObject({ name: 'n', version: '1', last_updated_timestamp: NOON_MS + 1000 });
    await expect(versions.get(context, { name: 'm', version: '1' })).rejects.toThrow(
      'Model Version (name=m, version=1) not found',
    );
  });

  it('are told with their aliases by themselves, and without as part of a model', async () => {
    const { models, versions, create, register } = setUp();
    await create('m');
    await register('m');
    await models.setAlias(context, { name: 'm', alias: 'a', version: '1' });

    const { model_version } = await versions.get(context, { name: 'm', version: '1' });
    const { registered_model } = await models.get(context, 'm');

    expect(model_version.aliases).toEqual(['a']);
    expect(registered_model.latest_versions?.map(({ aliases }) => aliases)).toEqual([[]]);
  });

  it('change tags and description, and go away', async () => {
    const { versions, create, register } = setUp();
    await create('m');
    await register('m', 's3://b/dummy', { tags: [{ key: 'a', value: '1' }] });
    const named = { name: 'm', version: '1' };

    await versions.setTag(context, named, 'b', '2');
    await versions.deleteTag(context, named, 'a');
    const { model_version } = await versions.update(context, named, 'text');

    expect(model_version).toMatchObject({ tags: [{ key: 'b', value: '2' }], description: 'text' });
    await versions.delete(context, named);
    await expect(versions.get(context, named)).rejects.toThrow('not found');
  });
});

describe("MLflow's searches", () => {
  async function populated() {
    const set = setUp();
    const at = (second: number) => makeTestContext({ nowMs: NOON_MS + second * 1000 });
    await set.create('beta', { team: 'x' }, at(1));
    await set.create('Alpha', {}, at(2));
    await set.create('gamma', { team: 'y' }, at(3));
    await set.create('prompt', { 'mlflow.prompt.is_prompt': 'true' }, at(4));
    for (let i = 0; i < 3; i++) await set.register('beta', `s3://b/s${i}`, {}, at(10 + i));
    await set.register('gamma', 's3://b/runs-source', { run_id: RUN }, at(20));
    return set;
  }

  const names = async (set: ReturnType<typeof setUp>, input: object) =>
    (
      await searchRegisteredModels(set.world.store, context, { order_by: [], ...input })
    ).registered_models.map(({ name }) => name);
  const found = async (set: ReturnType<typeof setUp>, input: object) =>
    (await searchModelVersions(set.world.store, context, { order_by: [], ...input })).model_versions.map(
      ({ name, version }) => `${name}/${version}`,
    );

  it.each([
    [undefined, ['Alpha', 'beta', 'gamma']],
    ["name = 'beta'", ['beta']],
    ["name != 'beta'", ['Alpha', 'gamma']],
    ["name LIKE '%a%m%'", ['gamma']],
    ["attribute.name ILIKE 'al%'", ['Alpha']],
    ["name IN ('beta', 'gamma')", ['beta', 'gamma']],
    ["name NOT IN ('beta')", ['Alpha', 'gamma']],
    ["tags.team = 'x'", ['beta']],
    ["tags.team != 'x'", ['gamma']],
    ["tag.`mlflow.prompt.is_prompt` = 'true'", ['prompt']],
    ["name = 'beta' AND tag.`mlflow.prompt.is_prompt` != 'true'", ['beta']],
    ["name = 'nope'", []],
  ])('find models with %s', async (filter, expected) => {
    expect(await names(await populated(), { filter })).toEqual(expected);
  });

  it('order models by name or time', async () => {
    const set = await populated();

    expect(await names(set, { order_by: ['name DESC'] })).toEqual(['gamma', 'beta', 'Alpha']);
    expect(await names(set, { order_by: ['last_updated_timestamp DESC'] })).toEqual([
      'gamma',
      'beta',
      'Alpha',
    ]);
    expect(await names(set, { order_by: ['timestamp'] })).toEqual(['Alpha', 'beta', 'gamma']);
  });

  it('page, without a token on a page that is exactly the last', async () => {
    const { world } = await populated();
    const search = (page_token?: string) =>
      searchRegisteredModels(world.store, context, { order_by: [], max_results: 2, page_token });

    const first = await search();
    const second = await search(first.next_page_token);

    expect(first.registered_models.map(({ name }) => name)).toEqual(['Alpha', 'beta']);
    expect(second.registered_models.map(({ name }) => name)).toEqual(['gamma']);
    expect(second.next_page_token).toBeUndefined();
  });

  it.each([
    [undefined, ['gamma/1', 'beta/3', 'beta/2', 'beta/1']],
    ["name = 'beta'", ['beta/3', 'beta/2', 'beta/1']],
    [`run_id = '${RUN}'`, ['gamma/1']],
    [`run_id IN ('${RUN}', 'x')`, ['gamma/1']],
    ["source_path LIKE 's3://b/s_'", ['beta/3', 'beta/2', 'beta/1']],
    ['version_number > 1 AND version_number <= 3', ['beta/3', 'beta/2']],
    ['version_number >= 3', ['beta/3']],
    ['version_number < 2 AND version_number != 4', ['gamma/1', 'beta/1']],
  ])('find versions with %s', async (filter, expected) => {
    expect(await found(await populated(), { filter })).toEqual(expected);
  });

  it('order versions as asked, ties by name and falling number', async () => {
    const set = await populated();

    expect(await found(set, { order_by: ['name DESC'] })).toEqual(['gamma/1', 'beta/3', 'beta/2', 'beta/1']);
    expect(await found(set, { order_by: ['creation_timestamp ASC'] })).toEqual([
      'beta/1',
      'beta/2',
      'beta/3',
      'gamma/1',
    ]);
  });

  it.each([
    [{ filter: "stage = 'x'" }, "Invalid attribute key 'stage' specified"],
    [{ filter: "params.x = 'x'" }, "Invalid entity type 'params'"],
    [{ filter: "name > 'x'" }, 'Invalid comparator for attribute: >'],
    [{ filter: 'name = 5' }, 'Expected a quoted string value or a list of quoted string values'],
    [{ order_by: ['stage'] }, "Invalid order by key 'stage'"],
    [{ max_results: 0 }, 'Invalid value for max_results. It must be a positive integer, but got 0'],
    [{ max_results: 1001 }, 'Invalid value "1001" for parameter \'max_results\' supplied:'],
    [{ page_token: 'x' }, 'Invalid page token'],
    [{ page_token: Buffer.from('{"offset":-1}').toString('base64url') }, 'Invalid page token'],
  ])('refuse %j', async (input, message) => {
    await expect(names(setUp(), input)).rejects.toThrow(message);
  });

  it('want whole numbers where versions are compared', async () => {
    await expect(found(setUp(), { filter: 'version_number = 1.5' })).rejects.toThrow(
      "Invalid value for numeric attribute 'version_number': 1.5",
    );
  });
});

describe('createRunReader', () => {
  const run = {
    artifactUri: 'mlflow-artifacts:/1/r1/artifacts',
    lifecycleStage: 'active',
    latest: { auc: { value: 0.8 }, bad: { value: Number.NaN }, inf: { value: Number.MAX_VALUE } },
    tags: {},
    inputs: [],
  };
  const read = (changes: object) =>
    createRunReader({
      find: async () => ({ run: { ...run, ...changes } as never, revision: 1, experiment: {} as never }),
    }).find('acme', 'r1');

  it('gives the place of artifacts and the metrics that are numbers', async () => {
    expect(await read({})).toEqual({
      prefix: 'tenants/acme/experiments/1/r1/artifacts/',
      metrics: { auc: 0.8 },
      lineage: {},
    });
  });

  it('gives the code that ran and the datasets that were logged', async () => {
    const dataset = { name: 'flights', digest: 'd1' };
    const tags = {
      'mlflow.source.name': 'train.py',
      'mlflow.source.type': 'LOCAL',
      'mlflow.source.git.commit': 'a'.repeat(40),
    };
    const inputs = [{ ...dataset, tags: [{ key: 'mlflow.data.context', value: 'training' }] }];

    expect(await read({ tags, inputs })).toMatchObject({
      lineage: {
        code: { name: 'train.py', type: 'LOCAL' },
        codeCommit: 'a'.repeat(40),
        datasets: [{ ...dataset, context: 'training' }],
      },
    });
    expect(await read({ tags: { 'mlflow.source.git.commit': 'dirty' } })).toMatchObject({ lineage: {} });
  });

  it('knows no place for artifacts elsewhere', async () => {
    expect(await read({ artifactUri: 's3://bucket/x' })).toMatchObject({ prefix: undefined });
  });

  it('does not find deleted or absent runs', async () => {
    expect(await read({ lifecycleStage: 'deleted' })).toBeUndefined();
    expect(await createRunReader({ find: async () => undefined }).find('acme', 'r1')).toBeUndefined();
  });
});
