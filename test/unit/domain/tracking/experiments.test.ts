import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import {
  deleteExperimentTag,
  moveExperiment,
  renameExperiment,
  setExperimentTag,
  spreadExperiment,
} from '../../../../domain/tracking/experiments/change-experiment.ts';
import {
  createExperiment,
  seedDefaultExperiment,
} from '../../../../domain/tracking/experiments/create-experiment.ts';
import { getExperiment, getExperimentByName } from '../../../../domain/tracking/experiments/experiment.ts';
import { searchExperiments } from '../../../../domain/tracking/experiments/search-experiments.ts';
import {
  parseExperimentOrder,
  sortExperiments,
} from '../../../../domain/tracking/search/experiment-order.ts';
import { toMlflowExperiment } from '../../../../domain/tracking/views.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';

const context = makeTestContext();
let store: MemoryStore;

beforeEach(async () => {
  store = new MemoryStore();
  await store.commit(seedDefaultExperiment(context));
});

describe('experiments', () => {
  it('start with Default as 0 and count up from there', async () => {
    const value = await getExperimentByName(store, context, 'Default');
    const first = await createExperiment(store, context, { name: 'a' });

    expect(value.experimentId).toBe('0');
    expect(toMlflowExperiment(first)).toMatchObject({
      experiment_id: '1',
      artifact_location: 'mlflow-artifacts:/1',
      creation_time: NOON_MS + 1,
    });
    expect(store.events.map(({ detailType }) => detailType)).toEqual([
      'ExperimentCreated',
      'ExperimentCreated',
    ]);
  });

  it('have a number each when many are created at once', async () => {
    const made = await Promise.all(
      [1, 2, 3, 4].map((i) => createExperiment(store, context, { name: `e${i}` })),
    );

    expect(new Set(made.map(({ experimentId }) => experimentId)).size).toBe(4);
  });

  it('have unique names, deleted ones included', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    await moveExperiment(store, context, experimentId, 'deleted');

    await expect(createExperiment(store, context, { name: 'a' })).rejects.toThrow(
      'Experiment(name=a) already exists.',
    );
    expect((await getExperimentByName(store, context, 'a')).lifecycleStage).toBe('deleted');
  });

  it.each(['', 'x'.repeat(501)])('refuse the name %j', async (name) => {
    await expect(createExperiment(store, context, { name })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('are renamed while active, and free their old name', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    await renameExperiment(store, context, experimentId, 'a');
    await renameExperiment(store, context, experimentId, 'b');

    await createExperiment(store, context, { name: 'a' });

    await expect(renameExperiment(store, context, experimentId, 'a')).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    await moveExperiment(store, context, experimentId, 'deleted');
    await expect(renameExperiment(store, context, experimentId, 'c')).rejects.toThrow(
      'Cannot rename a non-active experiment.',
    );
  });

  it('cannot be deleted twice, found when absent, or seen by another tenant', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    await moveExperiment(store, context, experimentId, 'deleted');

    await expect(moveExperiment(store, context, experimentId, 'deleted')).rejects.toMatchObject({
      status: 404,
    });
    await expect(getExperimentByName(store, context, 'x')).rejects.toThrow(
      "Could not find experiment with name 'x'",
    );
    await expect(getExperiment(store, makeTestContext({ tenant: 'other' }), experimentId)).rejects.toThrow(
      'No Experiment with id=1 exists',
    );
  });

  it('lose a tag once, and are the same by id and by name after every change', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    await setExperimentTag(store, context, experimentId, { key: 't', value: '1' });
    await renameExperiment(store, context, experimentId, 'b');
    await deleteExperimentTag(store, context, experimentId, 't');

    await expect(deleteExperimentTag(store, context, experimentId, 't')).rejects.toThrow(
      `No tag with name: t in experiment with id ${experimentId}`,
    );
    const { value } = await getExperiment(store, context, experimentId);
    expect(await getExperimentByName(store, context, 'b')).toEqual(value);
    expect(store.events.map(({ data }) => data.change).filter(Boolean)).toEqual([
      'tagged',
      'renamed',
      'tagged',
    ]);
  });

  it('spread new runs when they are hot, or when a tag asks for it, and never over fewer partitions', async () => {
    const tags = [{ key: 'perennial.shards', value: '4' }];
    const { experimentId, shards } = await createExperiment(store, context, { name: 'a', tags });

    await spreadExperiment(store, context, experimentId);
    await setExperimentTag(store, context, experimentId, { key: 'perennial.shards', value: '2' });

    expect(shards).toBe(4);
    expect((await getExperiment(store, context, experimentId)).value.shards).toBe(8);
  });

  it('with an id that is no number are refused', async () => {
    await expect(getExperiment(store, context, 'x')).rejects.toThrow("Invalid experiment ID 'x'");
    await expect(getExperiment(store, context, '-1337')).rejects.toThrow(
      'No Experiment with id=-1337 exists',
    );
  });

  it('are searched by name, tag and time', async () => {
    const { experimentId } = await createExperiment(store, makeTestContext({ nowMs: NOON_MS + 1 }), {
      name: 'Flights',
      tags: [{ key: 'team', value: 'ops' }],
    });
    await setExperimentTag(store, context, experimentId, { key: 'stage', value: 'one' });
    const search = (filter?: string, maxResults = 10) =>
      searchExperiments(store, context, { filter, viewType: 'ACTIVE_ONLY', maxResults });
    const names = async (filter?: string) => (await search(filter)).experiments.map(({ name }) => name);

    expect(await names()).toEqual(['Flights', 'Default']);
    expect(await names("name LIKE 'Fl%'")).toEqual(['Flights']);
    expect(await names("attribute.name ILIKE 'fl%' AND tags.stage = 'one'")).toEqual(['Flights']);
    expect(await names(`creation_time > ${NOON_MS}`)).toEqual(['Flights']);
    expect(await names("tag.team != 'ops'")).toEqual([]);
    expect((await search(undefined, 1)).nextPageToken).toBe('eyJvZmZzZXQiOiAxfQ==');
    await expect(names("color = 'red'")).rejects.toThrow("Invalid attribute key 'color'");
    await expect(names("name IN ('a')")).rejects.toThrow("Only ['experiment_id'] attributes");
    expect(await names("experiment_id IN ('00', '7')")).toEqual(['Default']);
    expect(await names("experiment_id != '0'")).toEqual(['Flights']);
    expect(await names('tags.team IS NULL')).toEqual(['Default']);
    expect(await names('tags.team IS NOT NULL')).toEqual(['Flights']);
    expect(await names('last_update_time <= 1')).toEqual([]);
    await expect(search(undefined, 0)).rejects.toThrow('max_results');
  });
});

const NOON = new Date(NOON_MS).toISOString();

describe("experiments' order", () => {
  it('is the asked one', async () => {
    for (const name of ['b', 'a', 'é', '\u{1F600}']) await createExperiment(store, context, { name });
    const search = async (...orderBy: string[]) => {
      const found = await searchExperiments(store, context, { viewType: 'ALL', maxResults: 10, orderBy });
      return found.experiments.map(({ experimentId }) => experimentId).join(' ');
    };

    expect(await search('name')).toBe('0 2 1 3 4');
    expect(await search('attribute.name DESC')).toBe('4 3 1 2 0');
    expect(await search('creation_time ASC')).toBe('0 1 2 3 4');
    expect(await search()).toBe('4 3 2 1 0');
    await expect(search('tags.a')).rejects.toThrow('Invalid order_by entity: tag');
  });

  it('gives ties to the higher number, unless it is the default one', () => {
    const made = ['9', '10'].map((experimentId) => {
      return { experimentId, name: 'n', tags: {}, createdAt: NOON, updatedAt: NOON };
    });
    const order = (...orderBy: string[]) =>
      sortExperiments(made, parseExperimentOrder(orderBy)).map(({ experimentId }) => experimentId);

    expect(order('name')).toEqual(['10', '9']);
    expect(order('last_update_time', 'experiment_id')).toEqual(['9', '10']);
    expect(order()).toEqual(['9', '10']);
  });

  it('goes on where the page before ended', async () => {
    for (const name of ['a', 'b', 'c']) await createExperiment(store, context, { name });
    const search = (pageToken?: string) =>
      searchExperiments(store, context, { viewType: 'ALL', maxResults: 2, orderBy: ['name'], pageToken });

    const first = await search();
    const second = await search(first.nextPageToken);

    expect([...first.experiments, ...second.experiments].map(({ name }) => name)).toEqual([
      'Default',
      'a',
      'b',
      'c',
    ]);
    expect(second.nextPageToken).toBeUndefined();
  });
});
