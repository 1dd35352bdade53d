import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryRunStore } from '../../../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { createExperiment } from '../../../../domain/tracking/experiment.ts';
import { logBatch } from '../../../../domain/tracking/log-batch.ts';
import {
  createRun,
  deleteRunTag,
  getRun,
  logInputs,
  moveRun,
  moveRunsOfExperiment,
  updateRun,
} from '../../../../domain/tracking/manage-runs.ts';
import { getMetricHistory } from '../../../../domain/tracking/metric-history.ts';
import { requireRunId } from '../../../../domain/tracking/require-run-id.ts';
import type { MetricPoint } from '../../../../domain/tracking/run.ts';
import { searchRuns } from '../../../../domain/tracking/search-runs.ts';
import { toMlflowRun } from '../../../../domain/tracking/views.ts';
import { makeTestContext, makeTestRandomBytes, NOON_MS } from '../../../support/call-context.ts';

const context = makeTestContext();
const nothing = { metrics: [], params: [], tags: [] };
const point = (key: string, value: number, step = 0, timestamp = 1): MetricPoint => ({
  key,
  value,
  step,
  timestamp,
});
let store: MemoryStore;
let runs: MemoryRunStore;
let experimentId: string;
let deps: Parameters<typeof createRun>[0];

async function startRun(input: Partial<Parameters<typeof createRun>[2]> = {}) {
  return createRun(deps, context, { experimentId, tags: [], ...input });
}

const search = (more: Partial<Parameters<typeof searchRuns>[2]> = {}) =>
  searchRuns(runs, context, {
    experimentIds: [experimentId],
    viewType: 'ACTIVE_ONLY',
    maxResults: 100,
    orderBy: [],
    ...more,
  });

beforeEach(async () => {
  store = new MemoryStore();
  runs = new MemoryRunStore();
  deps = { store, runs, randomBytes: makeTestRandomBytes() };
  experimentId = (await createExperiment(store, context, { name: 'flights' })).experimentId;
});

describe('a run', () => {
  it('starts running, with a name that its tag mirrors', async () => {
    const run = await startRun();

    expect(run).toMatchObject({ status: 'RUNNING', startTime: NOON_MS, userId: 'unknown' });
    expect(run.tags['mlflow.runName']).toBe(run.name);
    expect(run.artifactUri).toBe(`mlflow-artifacts:/${experimentId}/${run.runId}/artifacts`);
  });

  it('refuses a name that its tag contradicts', async () => {
    const tags = [{ key: 'mlflow.runName', value: 'b' }];

    await expect(startRun({ name: 'a', tags })).rejects.toThrow('different values');
    expect((await startRun({ tags })).name).toBe('b');
  });

  it('cannot start in an experiment that is absent', async () => {
    await expect(startRun({ experimentId: '99' })).rejects.toThrow('No Experiment with id=99 exists');
  });

  it('tells once that it finished', async () => {
    const { runId } = await startRun();

    await updateRun(runs, context, runId, { status: 'FINISHED', endTime: 9 });
    await updateRun(runs, context, runId, { status: 'FINISHED', name: 'done' });

    expect(runs.events.map(({ detailType, data }) => [detailType, data.status])).toEqual([
      ['RunFinished', 'FINISHED'],
    ]);
    expect(await getRun(runs, 'acme', runId)).toMatchObject({ endTime: 9, name: 'done' });
  });

  it('takes no writes while deleted, and is restored as it was', async () => {
    const { runId } = await startRun();
    await moveRun(runs, context, runId, 'deleted');
    await moveRun(runs, context, runId, 'deleted');

    await expect(
      logBatch(runs, context, runId, { ...nothing, params: [{ key: 'a', value: '1' }] }),
    ).rejects.toThrow(`The run ${runId} must be in the 'active' state. Current state is deleted.`);
    await moveRunsOfExperiment(runs, context, experimentId, 'active');
    expect((await getRun(runs, 'acme', runId)).lifecycleStage).toBe('active');
  });

  it('of another tenant is absent', async () => {
    const { runId } = await startRun();

    await expect(getRun(runs, 'other', runId)).rejects.toThrow(`Run with id=${runId} not found`);
    await expect(moveRun(runs, makeTestContext({ tenant: 'other' }), runId, 'deleted')).rejects.toThrow(
      'not found',
    );
  });

  it('loses a tag once; a second time is an error', async () => {
    const { runId } = await startRun({ tags: [{ key: 'a', value: '1' }] });

    await deleteRunTag(runs, context, runId, 'a');

    await expect(deleteRunTag(runs, context, runId, 'a')).rejects.toThrow(
      `No tag with name: a in run with id ${runId}`,
    );
  });

  it('keeps a dataset once', async () => {
    const { runId } = await startRun();
    const input = { tags: [], dataset: { name: 'd', digest: '1', source_type: 's3', source: 's3://x' } };

    await logInputs(runs, context, runId, [input]);
    await logInputs(runs, context, runId, [input]);

    expect((await getRun(runs, 'acme', runId)).inputs).toEqual([input]);
  });
});

describe('logBatch', () => {
  it('keeps the latest by step, then time, then value', async () => {
    const { runId } = await startRun();

    await logBatch(runs, context, runId, {
      ...nothing,
      metrics: [point('a', 1, 2), point('a', 5, 1), point('a', 0.5, 2)],
    });
    await logBatch(runs, context, runId, {
      ...nothing,
      metrics: [point('a', 3, 2, 0), point('a', Number.NaN, 2)],
    });

    expect((await getRun(runs, 'acme', runId)).latest.a?.value).toBe(1);
  });

  it('gives the history in order, repeats counted once', async () => {
    const { runId } = await startRun();
    const batch = { ...nothing, metrics: [point('a', 2, 1, 20), point('a', 1, 0, 10), point('b', 9)] };

    await logBatch(runs, context, runId, batch);
    await logBatch(runs, context, runId, batch);

    const history = await getMetricHistory(runs, context, runId, 'a');
    expect(history.map(({ value }) => value)).toEqual([1, 2]);
    expect(await getMetricHistory(runs, context, runId, 'unknown')).toEqual([]);
  });

  it('keeps infinities as the largest doubles and NaN as NaN', async () => {
    const { runId } = await startRun();
    const metrics = [point('up', Infinity), point('down', -Infinity), point('nan', Number.NaN)];

    await logBatch(runs, context, runId, { ...nothing, metrics });

    const shown = toMlflowRun(await getRun(runs, 'acme', runId)).data.metrics.map(({ value }) => value);
    expect(shown).toEqual([Number.MAX_VALUE, -Number.MAX_VALUE, 'NaN']);
  });

  it('leaves nothing of a batch behind when a param changes', async () => {
    const { runId } = await startRun();
    await logBatch(runs, context, runId, { ...nothing, params: [{ key: 'lr', value: '1' }] });

    const batch = {
      metrics: [point('m', 1)],
      params: [{ key: 'lr', value: '2' }],
      tags: [{ key: 't', value: '1' }],
    };
    await expect(logBatch(runs, context, runId, batch)).rejects.toThrow("with value='1' for run ID");

    const run = await getRun(runs, 'acme', runId);
    expect([run.params, run.tags.t, run.latest]).toEqual([{ lr: '1' }, undefined, {}]);
    expect(await getMetricHistory(runs, context, runId, 'm')).toEqual([]);
  });

  it('names all params that change', async () => {
    const { runId } = await startRun();
    const params = (value: string) => ['a', 'b'].map((key) => ({ key, value }));
    await logBatch(runs, context, runId, { ...nothing, params: params('1') });

    await expect(logBatch(runs, context, runId, { ...nothing, params: params('2') })).rejects.toThrow(
      "[{'key': 'a', 'old_value': '1', 'new_value': '2'}, {'key': 'b'",
    );
  });

  it('lets sixteen writers on one run lose nothing', async () => {
    const { runId } = await startRun();

    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        logBatch(runs, context, runId, { ...nothing, tags: [{ key: `t${i}`, value: '1' }] }),
      ),
    );

    expect(Object.keys((await getRun(runs, 'acme', runId)).tags)).toHaveLength(9);
  });

  it('renames the run with its tag and cuts what is too long', async () => {
    const { runId } = await startRun();
    const tags = [
      { key: 'mlflow.runName', value: 'new' },
      { key: 'long', value: 'x'.repeat(9000) },
    ];

    await logBatch(runs, context, runId, { ...nothing, tags });

    const run = await getRun(runs, 'acme', runId);
    expect([run.name, run.tags.long?.length]).toEqual(['new', 8000]);
  });

  it.each([
    ['a name with other characters', { metrics: [point('a*', 1)] }, 'Names may only contain'],
    ['a name that climbs', { params: [{ key: '../a', value: '' }] }, 'must not resolve to other names'],
    ['a name that is too long', { tags: [{ key: 'k'.repeat(251), value: '' }] }, 'maximum length of 250'],
    [
      'too many metrics',
      { metrics: Array.from({ length: 1001 }, () => point('a', 1)) },
      'at most 1000 metrics. Got 1001',
    ],
    [
      'a param twice',
      {
        params: [
          { key: 'a', value: '1' },
          { key: 'a', value: '1' },
        ],
      },
      "submitted: ['a']",
    ],
    [
      'too much of all',
      {
        metrics: Array.from({ length: 999 }, () => point('a', 1)),
        params: [{ key: 'a', value: '' }],
        tags: [{ key: 'a', value: '' }],
      },
      'at most 1000 metrics, params, and tags. Got 1001',
    ],
  ])('refuses %s', async (_case, batch, message) => {
    const { runId } = await startRun();

    await expect(logBatch(runs, context, runId, { ...nothing, ...batch })).rejects.toThrow(message);
  });
});

describe('searchRuns', () => {
  async function startThree() {
    const made = [];
    for (const [i, rmse] of [0.3, 0.1, Number.NaN].entries()) {
      const run = await startRun({
        name: `run${i}`,
        startTime: NOON_MS + i,
        tags: [{ key: 'team', value: `t${i}` }],
      });
      await logBatch(runs, context, run.runId, {
        ...nothing,
        metrics: [point('rmse', rmse)],
        params: [{ key: 'lr', value: String(i) }],
      });
      made.push(run);
    }
    return made;
  }

  it('answers newest first, page by page, without a token on the last full page', async () => {
    await startThree();

    const first = await search({ maxResults: 2 });
    const second = await search({ maxResults: 1, pageToken: first.nextPageToken });

    expect(first.runs.map(({ name }) => name)).toEqual(['run2', 'run1']);
    expect(second.runs.map(({ name }) => name)).toEqual(['run0']);
    expect(second.nextPageToken).toBeUndefined();
  });

  it.each([
    ['metrics.rmse < 0.2', ['run2', 'run1']],
    ['metrics.rmse >= 0.1 AND params.lr != "1"', ['run0']],
    ["tags.team ILIKE 'T0'", ['run0']],
    ["run_name LIKE 'run%' and start_time > 0", ['run2', 'run1', 'run0']],
    ["tags.absent != 'x'", []],
    ['params.absent IS NULL', ['run2', 'run1', 'run0']],
    ["params.lr IS NOT NULL AND status = 'RUNNING'", ['run2', 'run1', 'run0']],
    ['end_time <= 5', []],
    ['metrics.rmse = 0.3', ['run0']],
    ['metrics.rmse != 0.3', ['run2', 'run1']],
  ])('filters by %s', async (filter, names) => {
    await startThree();

    expect((await search({ filter })).runs.map(({ name }) => name)).toEqual(names);
  });

  it('finds runs by a list of ids', async () => {
    const [a, b] = await startThree();

    const filter = `run_id IN ('${a?.runId}', '${b?.runId}')`;

    expect((await search({ filter })).runs).toHaveLength(2);
    expect((await search({ filter: filter.replace('IN', 'NOT IN') })).runs).toHaveLength(1);
  });

  it.each([
    ['metrics.rmse ASC', ['run1', 'run0', 'run2']],
    ['metrics.rmse DESC', ['run0', 'run1', 'run2']],
    ['params.`lr` desc', ['run2', 'run1', 'run0']],
    ['attributes.start_time', ['run0', 'run1', 'run2']],
    ['metrics.absent', ['run2', 'run1', 'run0']],
  ])('orders by %s, NaN and missing last', async (order, names) => {
    await startThree();

    const first = await search({ orderBy: [order], maxResults: 2 });
    const rest = await search({ orderBy: [order], maxResults: 2, pageToken: first.nextPageToken });

    expect([...first.runs, ...rest.runs].map(({ name }) => name)).toEqual(names);
  });

  it('shows deleted runs when asked', async () => {
    const [first] = await startThree();
    await moveRun(runs, context, first?.runId ?? '', 'deleted');

    expect((await search()).runs).toHaveLength(2);
    expect((await search({ viewType: 'DELETED_ONLY' })).runs.map(({ name }) => name)).toEqual(['run0']);
    expect((await search({ viewType: 'ALL', experimentIds: [experimentId, '0'] })).runs).toHaveLength(3);
  });

  it.each([
    ['a wrong page size', { maxResults: 0 }],
    ['too large a page', { maxResults: 50_001 }],
    ['an unknown attribute', { filter: "experiment_id = '1'" }],
    ['an unknown entity', { filter: "thing.a = '1'" }],
    ['a quoted number', { filter: "metrics.a > '1'" }],
    ['an unquoted string', { filter: 'params.a = 1' }],
    ['a comparator that the field lacks', { filter: "metrics.a LIKE '1'" }],
    ['a list for another attribute', { filter: "status IN ('RUNNING')" }],
    ['a malformed order', { orderBy: ['metrics.a sideways'] }],
    ['a foreign page token', { pageToken: '!!' }],
    ['a made-up page token', { pageToken: Buffer.from('{"offset":-1}').toString('base64url') }],
  ])('refuses %s', async (_case, more) => {
    await expect(search(more)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('requireRunId', () => {
  it('takes either name and misses none', () => {
    expect(requireRunId({ run_id: 'a' })).toBe('a');
    expect(requireRunId({ run_uuid: 'b' })).toBe('b');
    expect(() => requireRunId({})).toThrow("Missing value for required parameter 'run_id'");
  });
});
