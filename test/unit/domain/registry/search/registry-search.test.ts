import { describe, expect, it } from 'vitest';
import { type StageMove, setModelVersionStage } from '../../../../../domain/registry/change-stage.ts';
import { createModel, deleteModel, renameModel } from '../../../../../domain/registry/manage-models.ts';
import { deleteModelVersion, updateModelVersion } from '../../../../../domain/registry/manage-versions.ts';
import { makeMlflowModels } from '../../../../../domain/registry/mlflow-models.ts';
import { searchRegisteredModels } from '../../../../../domain/registry/search/search-models.ts';
import { searchModelVersions } from '../../../../../domain/registry/search/search-versions.ts';
import { submitVersion } from '../../../../../domain/registry/submit-version.ts';
import type { Store } from '../../../../../domain/shared/store.ts';
import { makeTestContext, NOON_MS } from '../../../../support/call-context.ts';
import { RegistryWorld } from '../../../../support/registry-world.ts';

const context = makeTestContext();
const MODELS = 1200;
const origin = { kind: 'mlflow', uri: 's3://bucket/a' } as const;
const notServableBecause = 'It is not ONNX.';

/** The same store; `calls` is what DynamoDB would be asked: a get, a page of a query, or a hundred keys. */
function counted(store: Store) {
  const counter = { calls: 0 };
  const asked: Store = {
    get: (key) => {
      counter.calls += 1;
      return store.get(key);
    },
    getMany: (keys) => {
      counter.calls += Math.ceil(keys.length / 100);
      return store.getMany(keys);
    },
    listParts: (partition, prefix, page) => {
      counter.calls += 1;
      return store.listParts(partition, prefix, page);
    },
    list: () => Promise.reject(new Error('A list is not read consistently.')),
    listEvents: (tenant, page) => store.listEvents(tenant, page),
    commit: (changes) => store.commit(changes),
  };
  return { store: asked, counter };
}

const nameOf = (at: number) => `model-${String(at).padStart(5, '0')}`;

async function populated() {
  const { store } = new RegistryWorld();
  for (let at = 0; at < MODELS; at++) {
    const then = makeTestContext({ nowMs: NOON_MS + at });
    await createModel(store, then, { name: nameOf(at), description: '', tags: { mod: String(at % 3) } });
  }
  for (let at = 0; at < 150; at++) {
    const then = makeTestContext({ nowMs: NOON_MS + 10_000 + at });
    await submitVersion(store, then, nameOf(at), {
      origin: { kind: 'mlflow', uri: `s3://bucket/${at}` },
      lineage: { runId: `run${at}` },
      notServableBecause,
    });
  }
  return store;
}

type Searched = Awaited<ReturnType<typeof searchRegisteredModels>>;
const namesIn = ({ registered_models }: Searched) => registered_models.map(({ name }) => name);

describe('searches of the registry', () => {
  it('read a first page by name in a few calls, however many models there are', async () => {
    const { store, counter } = counted(await populated());

    const page = await searchRegisteredModels(store, context, { order_by: [] });

    expect(page.registered_models).toHaveLength(100);
    expect(page.registered_models[7]?.latest_versions).toMatchObject([{ name: nameOf(7), version: '1' }]);
    expect(page.next_page_token).toBeDefined();
    expect(counter.calls).toBe(4);
  });

  it.each(['name ASC', 'name DESC'])('go through all pages by %s and lose or repeat none', async (order) => {
    const store = await populated();
    const names: string[] = [];
    let page_token: string | undefined;
    do {
      const page = await searchRegisteredModels(store, context, {
        order_by: [order],
        max_results: 333,
        filter: "tags.mod != '1' AND name LIKE 'model%'",
        page_token,
      });
      names.push(...namesIn(page));
      page_token = page.next_page_token;
    } while (page_token !== undefined);

    const expected = Array.from({ length: MODELS }, (_, at) => at).filter((at) => at % 3 !== 1);
    expect(order.endsWith('ASC') ? names : names.toReversed()).toEqual(expected.map(nameOf));
  });

  it('continue at the offset of a token that names no model', async () => {
    const store = await populated();
    const page_token = Buffer.from('{"offset": 500}').toString('base64');

    const page = await searchRegisteredModels(store, context, { order_by: [], max_results: 2, page_token });

    expect(namesIn(page)).toEqual([nameOf(500), nameOf(501)]);
  });

  it('find models by name in three calls and by time with a call for each hundred', async () => {
    const { store, counter } = counted(await populated());
    const search = async (input: object) => {
      counter.calls = 0;
      const found = await searchRegisteredModels(store, context, { order_by: [], max_results: 2, ...input });
      return [namesIn(found), counter.calls];
    };

    expect(await search({ filter: `name = '${nameOf(9)}'` })).toEqual([[nameOf(9)], 3]);
    expect(await search({ filter: `name IN ('${nameOf(9)}', '${nameOf(3)}', 'x')` })).toEqual([
      [nameOf(3), nameOf(9)],
      3,
    ]);
    expect(await search({ order_by: ['timestamp DESC'] })).toEqual([[nameOf(149), nameOf(148)], 14]);
  });

  it('find versions by name, by run and by time in a few calls', async () => {
    const { store, counter } = counted(await populated());
    const search = async (input: object) => {
      counter.calls = 0;
      const found = await searchModelVersions(store, context, { order_by: [], max_results: 2, ...input });
      return [found.model_versions.map(({ name }) => name), counter.calls];
    };

    expect(await search({})).toEqual([[nameOf(149), nameOf(148)], 4]);
    expect(await search({ filter: "run_id = 'run7'" })).toEqual([[nameOf(7)], 4]);
    expect(await search({ filter: `name = '${nameOf(7)}'` })).toEqual([[nameOf(7)], 5]);
    expect(await search({ filter: "source_path LIKE '%/14_'", order_by: ['name'] })).toEqual([
      [nameOf(140), nameOf(141)],
      4,
    ]);
  });

  it('follow changed tags, new names and deletions', async () => {
    const { store } = new RegistryWorld();
    for (const name of ['a', 'b']) {
      await createModel(store, context, { name, description: '', tags: {} });
      for (let i = 0; i < 2; i++) await submitVersion(store, context, name, { origin, notServableBecause });
    }
    const find = async (filter?: string) => {
      const found = await searchModelVersions(store, context, { filter, order_by: ['name'] });
      return found.model_versions.map(({ name, version }) => `${name}/${version}`).join(' ');
    };
    await updateModelVersion(store, context, { name: 'a', ref: 2 }, { tags: { team: 'x' } });
    await renameModel(store, context, 'a', 'z');

    expect(await find()).toBe('b/2 b/1 z/2 z/1');
    expect(await find("tags.team = 'x'")).toBe('z/2');
    await deleteModelVersion(store, context, { name: 'z', ref: 2 });
    await deleteModel(store, context, 'b');
    expect(await find()).toBe('z/1');
  });

  it('order names as UTF-8, those longer than a key among them', async () => {
    const { store } = new RegistryWorld();
    const long = '日'.repeat(300);
    const names = ['Z', 'a', 'a b', 'é', long, `${long}1`, `${long}2`, '~', '\u{1f600}'];
    for (const name of names.toReversed())
      await createModel(store, context, { name, description: '', tags: {} });

    const found = namesIn(await searchRegisteredModels(store, context, { order_by: [] }));

    expect(found.slice(0, 4)).toEqual(['Z', 'a', 'a b', '~']);
    expect(new Set(found)).toEqual(new Set(names));
  });

  it('hide prompts unless the first clause on their tag asks for them', async () => {
    const { store } = new RegistryWorld();
    const tags = { 'mlflow.prompt.is_prompt': 'true' };
    await createModel(store, context, { name: 'model', description: '', tags: {} });
    await createModel(store, context, { name: 'prompt', description: '', tags });
    await submitVersion(store, context, 'model', { origin, notServableBecause });
    await submitVersion(store, context, 'prompt', { origin, notServableBecause, tags });
    await submitVersion(store, context, 'prompt', { origin, notServableBecause });
    const find = async (filter?: string) => {
      const models = await searchRegisteredModels(store, context, { filter, order_by: [] });
      const { model_versions } = await searchModelVersions(store, context, { filter, order_by: ['name'] });
      return [...namesIn(models), ...model_versions.map(({ name, version }) => `${name}/${version}`)].join(
        ' ',
      );
    };
    const is = 'tags.`mlflow.prompt.is_prompt`';

    expect(await find()).toBe('model model/1');
    expect(await find(`${is} != 'true'`)).toBe('model model/1');
    expect(await find(`${is} = 'false'`)).toBe('model model/1');
    expect(await find(`${is} = 'true'`)).toBe('prompt prompt/1');
    expect(await find(`${is} != 'false'`)).toBe('prompt prompt/1');
    expect(await find(`${is} LIKE 'x' AND ${is} = 'true'`)).toBe('model model/1');
  });
});

describe("a model's newest versions", () => {
  it('are told by stage after moves and deletions', async () => {
    const world = new RegistryWorld();
    await world.model();
    for (let i = 0; i < 4; i++) await world.version();
    const latest = async () => {
      const { model_versions } = await makeMlflowModels(world.store).getLatest(context, 'churn', []);
      return model_versions.map(({ current_stage, version }) => `${current_stage} ${version}`).join(', ');
    };
    const move = (ref: number, stage: StageMove['stage'], archiveExisting = false) =>
      setModelVersionStage(
        world.store,
        context,
        { name: 'churn', ref },
        { stage, archiveExisting, reason: '' },
      );

    expect(await latest()).toBe('None 4');
    await move(2, 'staging');
    await move(4, 'staging');
    expect(await latest()).toBe('None 3, Staging 4');
    await move(1, 'staging', true);
    expect(await latest()).toBe('None 3, Staging 1, Archived 4');
    await deleteModelVersion(world.store, context, { name: 'churn', ref: 4 });
    expect(await latest()).toBe('None 3, Staging 1, Archived 2');
  });
});
