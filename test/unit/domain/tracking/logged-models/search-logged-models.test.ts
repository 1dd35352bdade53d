import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLoggedModelStore } from '../../../../../adapters/memory/memory-logged-model-store.ts';
import { MemoryStore } from '../../../../../adapters/memory/memory-store.ts';
import { changeExperiment } from '../../../../../domain/tracking/experiments/change-experiment.ts';
import { createExperiment } from '../../../../../domain/tracking/experiments/create-experiment.ts';
import { createLoggedModel } from '../../../../../domain/tracking/logged-models/create-logged-model.ts';
import type { LoggedModel } from '../../../../../domain/tracking/logged-models/logged-model.ts';
import {
  deleteLoggedModel,
  finalizeLoggedModel,
} from '../../../../../domain/tracking/logged-models/manage-logged-models.ts';
import {
  type LoggedModelSearch,
  searchLoggedModels,
} from '../../../../../domain/tracking/logged-models/search-logged-models.ts';
import { makeTestContext, makeTestRandomBytes, NOON_MS } from '../../../../support/call-context.ts';

const context = makeTestContext();
const randomBytes = makeTestRandomBytes();
let store: MemoryStore;
let models: CountingStore;
let minutes: number;

/** Remembers how many models each read asked for. */
class CountingStore extends MemoryLoggedModelStore {
  readonly reads: number[] = [];

  override list(...args: Parameters<MemoryLoggedModelStore['list']>) {
    this.reads.push(args[2].limit);
    return super.list(...args);
  }
}

async function create(name: string, experimentId = '1', more: { tag?: string } = {}): Promise<LoggedModel> {
  minutes += 1;
  return createLoggedModel(
    { store, models, randomBytes },
    makeTestContext({ nowMs: NOON_MS + minutes * 60_000 }),
    {
      experimentId,
      name,
      params: [],
      tags: more.tag === undefined ? [] : [{ key: 'team', value: more.tag }],
    },
  );
}

const search = (query: Partial<LoggedModelSearch> = {}) =>
  searchLoggedModels(models, context, { experimentIds: ['1'], datasets: [], orderBy: [], ...query });

async function names(query: Partial<LoggedModelSearch> = {}): Promise<string[]> {
  return (await search(query)).models.map(({ name }) => name);
}

/** The names of each page. */
async function pages(query: Partial<LoggedModelSearch>): Promise<string[][]> {
  const all: string[][] = [];
  for (let pageToken: string | undefined; ; ) {
    const page = await search({ ...query, pageToken });
    all.push(page.models.map(({ name }) => name));
    pageToken = page.nextPageToken;
    if (pageToken === undefined) return all;
  }
}

beforeEach(async () => {
  store = new MemoryStore();
  models = new CountingStore(store);
  minutes = 0;
  for (const name of ['one', 'two', 'three']) await createExperiment(store, context, { name });
});

describe('a search of logged models', () => {
  it('answers the newest first, of the named experiments only', async () => {
    for (const [name, experiment] of ['a1', 'b2', 'c1', 'd3'].map((text) => [text, text[1]] as const))
      await create(name, experiment);

    expect(await names()).toEqual(['c1', 'a1']);
    expect(await names({ experimentIds: ['3', '1', '1'] })).toEqual(['d3', 'c1', 'a1']);
    expect(await names({ experimentIds: [] })).toEqual([]);
  });

  it('leaves out experiments that are not there, and those that the caller may not read', async () => {
    await create('a1', '1');
    await create('b2', '2');
    const grants = { tok_bob: 'NO_PERMISSIONS' } as const;
    await changeExperiment(store, context, '2', {
      what: 'shared',
      change: (experiment) => ({ ...experiment, grants }),
    });
    const guest = makeTestContext({ actor: 'tok_bob', roles: ['scientist'] });

    const experimentIds = ['1', '2', '99'];
    const found = await searchLoggedModels(models, guest, { experimentIds, datasets: [], orderBy: [] });

    expect(found.models.map(({ name }) => name)).toEqual(['a1']);
    await expect(search({ experimentIds: ['x'] })).rejects.toThrow("Invalid experiment ID 'x'.");
  });

  it('leaves deleted models out', async () => {
    const { modelId } = await create('gone');
    await create('kept');
    await deleteLoggedModel(models, context, modelId);

    expect(await names()).toEqual(['kept']);
  });

  it.each(["status = '2'", "status = 'READY'", "status = 'LOGGED_MODEL_READY'", "status IN ('READY', '7')"])(
    'finds a status by number and by name: %s',
    async (filter) => {
      const { modelId } = await create('ready');
      await create('pending');
      await finalizeLoggedModel(models, context, modelId, 'LOGGED_MODEL_READY');

      expect(await names({ filter })).toEqual(['ready']);
    },
  );

  it('refuses a dataset without a name', async () => {
    await expect(search({ datasets: [{ dataset_name: '' }] })).rejects.toThrow(
      '`dataset_name` in the `datasets` clause must be specified.',
    );
  });

  it('refuses a negative size and takes 50 for none, 100 for 0', async () => {
    for (let i = 0; i < 101; i++) await create(`m${i}`);

    await expect(search({ maxResults: -1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await names()).toHaveLength(50);
    expect(await names({ maxResults: 0 })).toHaveLength(100);
  });
});

describe('the pages of a search', () => {
  const orders: [string, Partial<LoggedModelSearch>][] = [
    ['default order', {}],
    ['default order with a filter', { filter: "tags.team = 'x'" }],
    ['the order of names', { orderBy: [{ field_name: 'name', ascending: false }] }],
    ['default order of two experiments', { experimentIds: ['1', '2'] }],
  ];

  it.each(orders)('are full but the last one, which has no token, in %s', async (_order, query) => {
    for (const name of ['a', 'b', 'c', 'd']) await create(name, '1', { tag: 'x' });

    expect(await pages({ ...query, maxResults: 2 })).toEqual([
      ['d', 'c'],
      ['b', 'a'],
    ]);
    expect(await pages({ ...query, maxResults: 3 })).toEqual([['d', 'c', 'b'], ['a']]);
  });

  it('go on where the page before ended, whatever was created meanwhile', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const first = await search({ maxResults: 2 });

    await create('d');

    expect(await names({ maxResults: 2, pageToken: first.nextPageToken })).toEqual(['a']);
  });

  it('begin at the offset of a token that says no more', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const token = { experiment_ids: ['1'], filter_string: null, order_by: null, offset: 1 };

    const pageToken = Buffer.from(JSON.stringify(token)).toString('base64');

    expect(await names({ pageToken })).toEqual(['b', 'a']);
  });

  it('belong to their query', async () => {
    for (const name of ['a', 'b']) await create(name);
    const { nextPageToken: pageToken } = await search({ maxResults: 1 });

    await expect(search({ pageToken, experimentIds: ['2'] })).rejects.toThrow(/^Experiment IDs in the page/);
    await expect(search({ pageToken, filter: "name = 'a'" })).rejects.toThrow(/^Filter string in the page/);
    await expect(search({ pageToken, orderBy: [{ field_name: 'name' }] })).rejects.toThrow(
      /^Order by in the page token/,
    );
  });

  it('are short when they would be too large for an answer', async () => {
    const value = 'x'.repeat(2_000_000);
    for (const name of ['a', 'b', 'c']) await create(name, '1', { tag: value });

    expect(await pages({})).toEqual([['c', 'b'], ['a']]);
    expect(await pages({ orderBy: [{ field_name: 'name' }] })).toEqual([['a', 'b'], ['c']]);
  });
});

describe('the cost of a search', () => {
  it('is one read of one model more than the page in default order', async () => {
    for (let i = 0; i < 10; i++) await create(`m${i}`);

    await search({ maxResults: 4 });

    expect(models.reads).toEqual([5]);
  });

  it('ends after 20,000 models that do not match, with a token that goes on', async () => {
    const { model } = (await models.find(context.tenant, (await create('old')).modelId)) ?? {};
    let listed = 0;
    models.list = async () => {
      listed += 1000;
      const items = Array.from({ length: 1000 }, () => model as LoggedModel);
      return { items, nextCursor: (model as LoggedModel).modelId };
    };

    const page = await search({ filter: "name = 'nothing'" });

    expect(listed).toBe(20_000);
    expect(page.models).toEqual([]);
    expect(page.nextPageToken).toBeDefined();
  });
});
