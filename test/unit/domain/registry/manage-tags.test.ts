import { describe, expect, it } from 'vitest';
import { updateModel } from '../../../../domain/registry/manage-models.ts';
import {
  deleteModelTag,
  deleteVersionTag,
  setModelTag,
  setVersionTag,
} from '../../../../domain/registry/manage-tags.ts';
import { updateModelVersion } from '../../../../domain/registry/manage-versions.ts';
import { getVersionItem } from '../../../../domain/registry/model-records.ts';
import { PROMPT_TAG } from '../../../../domain/registry/source-version.ts';
import { makeTestContext } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext({ actor: 'tok_bob' });
const VERSION = { name: 'churn', ref: 1 };

async function setUp(tags: Record<string, string> = {}) {
  const world = new RegistryWorld();
  await world.model('churn', { tags });
  await world.version({ tags: { stale: 'old' } });
  world.store.events.length = 0;
  return world;
}

describe('a tag', () => {
  it("of a model is set and taken away, each with its event and the caller's name", async () => {
    const { store } = await setUp();

    await setModelTag(store, context, 'churn', { key: 'team', value: 'red' });
    await deleteModelTag(store, context, 'churn', 'team');

    const data = { model: 'churn', key: 'team', prompt: false };
    expect(store.events).toMatchObject([
      { detailType: 'ModelTagSet', actor: 'tok_bob', data, before: {}, after: { value: 'red' } },
      { detailType: 'ModelTagDeleted', actor: 'tok_bob', data, before: { value: 'red' }, after: {} },
    ]);
  });

  it('of a version is set and taken away; the event says no value on the bus', async () => {
    const { store } = await setUp();

    await setVersionTag(store, context, VERSION, { key: 'stale', value: 'new' });
    await deleteVersionTag(store, context, VERSION, 'stale');

    expect((await getVersionItem(store, 'acme', 'churn', 1)).version.value.tags).toEqual({});
    expect(
      store.events.map(({ detailType, data, before, after }) => [detailType, data, before, after]),
    ).toEqual([
      [
        'ModelVersionTagSet',
        { model: 'churn', version: 1, key: 'stale', prompt: false },
        { value: 'old' },
        { value: 'new' },
      ],
      [
        'ModelVersionTagDeleted',
        { model: 'churn', version: 1, key: 'stale', prompt: false },
        { value: 'new' },
        {},
      ],
    ]);
  });

  it('that is not there is not taken away, and nothing is said', async () => {
    const { store } = await setUp();

    await deleteModelTag(store, context, 'churn', 'constructor');
    await deleteVersionTag(store, context, VERSION, 'constructor');

    expect(store.events).toEqual([]);
  });

  it("of a prompt carries MLflow's mark", async () => {
    const { store } = await setUp({ [PROMPT_TAG]: 'True' });

    await setModelTag(store, context, 'churn', { key: 'a', value: '1' });
    await setVersionTag(store, context, VERSION, { key: 'a', value: '1' });

    expect(store.events.map(({ data }) => data.prompt)).toEqual([true, true]);
  });
});

describe('tags that are replaced as a whole', () => {
  it('of a model say each difference', async () => {
    const { store } = await setUp({ a: '1', b: '2' });

    await updateModel(store, context, 'churn', { tags: { b: '3', c: '4' } });

    expect(store.events.map(({ detailType, data }) => [detailType, data.key])).toEqual([
      ['ModelTagDeleted', 'a'],
      ['ModelTagSet', 'b'],
      ['ModelTagSet', 'c'],
      ['ModelUpdated', undefined],
    ]);
  });

  it('of a version say each difference', async () => {
    const { store } = await setUp();

    await updateModelVersion(store, context, VERSION, { tags: { fresh: 'yes' } });
    await updateModelVersion(store, context, VERSION, { description: 'text' });

    expect(store.events.map(({ detailType, data }) => [detailType, data.key])).toEqual([
      ['ModelVersionUpdated', undefined],
      ['ModelVersionTagDeleted', 'stale'],
      ['ModelVersionTagSet', 'fresh'],
      ['ModelVersionUpdated', undefined],
    ]);
  });

  it('are refused when more of them differ than one transaction takes', async () => {
    const { store } = await setUp();
    const tags = Object.fromEntries(Array.from({ length: 81 }, (_, index) => [`k${index}`, 'v']));

    await expect(updateModel(store, context, 'churn', { tags })).rejects.toThrow('at most 80');
    expect(store.events).toEqual([]);
  });
});
