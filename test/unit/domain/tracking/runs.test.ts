import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryRunStore } from '../../../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import {
  changeExperiment,
  moveExperiment,
} from '../../../../domain/tracking/experiments/change-experiment.ts';
import { createExperiment } from '../../../../domain/tracking/experiments/create-experiment.ts';
import { getMetricHistory } from '../../../../domain/tracking/metrics/metric-history.ts';
import { createRun } from '../../../../domain/tracking/runs/create-run.ts';
import { logBatch } from '../../../../domain/tracking/runs/log-batch.ts';
import { logInputs, resolveInputs } from '../../../../domain/tracking/runs/log-inputs.ts';
import { deleteRunTag, getRun, moveRun, updateRun } from '../../../../domain/tracking/runs/manage-runs.ts';
import type { MetricPoint } from '../../../../domain/tracking/runs/run.ts';
import { searchRuns } from '../../../../domain/tracking/runs/search-runs.ts';
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

const search = (more: Partial<Parameters<typeof searchRuns>[2]> = {}, caller = context) =>
  searchRuns(runs, caller, {
    experimentIds: [experimentId],
    viewType: 'ACTIVE_ONLY',
    maxResults: 100,
    orderBy: [],
    ...more,
  });

beforeEach(async () => {
  store = new MemoryStore();
  runs = new MemoryRunStore(store);
  deps = { store, runs, randomBytes: makeTestRandomBytes() };
  experimentId = (await createExperiment(store, context, { name: 'flights' })).experimentId;
});

describe('a run', () => {
  it('starts running, with a name that its tag mirrors', async () => {
    const run = await startRun();

    expect(run).toMatchObject({ status: 'RUNNING', startTime: NOON_MS, userId: '' });
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

    expect(runs.events.map(({ detailType }) => detailType)).toEqual([
      'RunStarted',
      'RunFinished',
      'RunChanged',
    ]);
    expect(await getRun(runs, context, runId)).toMatchObject({ endTime: 9, name: 'done' });
  });

  it('takes no writes while deleted, and is restored as it was', async () => {
    const { runId } = await startRun();
    await moveRun(runs, context, runId, 'deleted');
    await moveRun(runs, context, runId, 'deleted');

    await expect(
      logBatch(runs, context, runId, { ...nothing, params: [{ key: 'a', value: '1' }] }),
    ).rejects.toThrow(`The run ${runId} must be in the 'active' state. Current state is deleted.`);
    await moveRun(runs, context, runId, 'active');
    expect((await getRun(runs, context, runId)).lifecycleStage).toBe('active');
  });

  it('of another tenant is absent', async () => {
    const { runId } = await startRun();

    const other = makeTestContext({ tenant: 'other' });

    await expect(getRun(runs, other, runId)).rejects.toThrow(`Run with id=${runId} not found`);
    await expect(moveRun(runs, other, runId, 'deleted')).rejects.toThrow('not found');
  });

  it('loses a tag once; a second time is an error', async () => {
    const { runId } = await startRun({ tags: [{ key: 'a', value: '1' }] });

    await deleteRunTag(runs, context, runId, 'a');

    await expect(deleteRunTag(runs, context, runId, 'a')).rejects.toThrow(
      `No tag with name: a in run with id ${runId}`,
    );
  });

  it('keeps a dataset and a model once, as they came first', async () => {
    const { runId } = await startRun();
    const tags = [{ key: 'mlflow.data.context', value: 'training' }];
    const input = { tags, dataset: { name: 'd', digest: '1', source_type: 's3', source: 's3://x' } };
    const again = { ...input, dataset: { ...input.dataset, source: 's3://y' } };

    await logInputs(runs, context, runId, [input, input], ['m-1', 'm-1']);
    await logInputs(runs, context, runId, [again], ['m-1']);

    const run = await getRun(runs, context, runId);
    expect((await resolveInputs(runs, 'acme', [run])).get(runId)).toEqual([input]);
    expect(run.modelInputs).toEqual(['m-1']);
    expect(await runs.listDatasets('acme', experimentId, 10)).toEqual([
      { dataset: input.dataset, contexts: ['training'] },
    ]);
  });

  it('is deleted and restored with its experiment, although nobody wrote it', async () => {
    const [kept, gone] = [await startRun(), await startRun()];
    await moveRun(runs, context, gone.runId, 'deleted');
    const stages = async () =>
      Promise.all([kept, gone].map(async ({ runId }) => (await getRun(runs, context, runId)).lifecycleStage));

    await moveExperiment(store, context, experimentId, 'deleted');
    const whileDeleted = await stages();
    await expect(
      logBatch(runs, context, kept.runId, { ...nothing, metrics: [point('a', 1)] }),
    ).rejects.toThrow('Current state is deleted');
    await moveExperiment(store, context, experimentId, 'active');

    expect(whileDeleted).toEqual(['deleted', 'deleted']);
    expect(await stages()).toEqual(['active', 'active']);
    await moveRun(runs, context, gone.runId, 'deleted');
    expect(await stages()).toEqual(['active', 'deleted']);
  });

  it('tells the audit once of each further actor who logs to it', async () => {
    const { runId } = await startRun();
    const bob = makeTestContext({ actor: 'tok_bob' });

    for (const caller of [context, bob, bob, context]) {
      await logBatch(runs, caller, runId, {
        ...nothing,
        metrics: [point('a', runs.events.length, Math.random())],
      });
    }

    expect(runs.events.map(({ detailType, actor }) => [detailType, actor])).toEqual([
      ['RunStarted', 'tok_alice'],
      ['RunChanged', 'tok_bob'],
    ]);
  });

  it('is out of reach for those whom an admin gave no permission', async () => {
    const { runId } = await startRun();
    const grants = { '*': 'NO_PERMISSIONS', tok_reader: 'READ', tok_viewer: 'EDIT' } as const;
    await changeExperiment(store, context, experimentId, {
      what: 'shared',
      change: (experiment) => ({ ...experiment, grants }),
    });
    const as = (actor: string, role: 'viewer' | 'scientist') => makeTestContext({ actor, roles: [role] });
    const tag = (caller: typeof context) =>
      logBatch(runs, caller, runId, { ...nothing, tags: [{ key: 'a', value: '1' }] });

    await expect(getRun(runs, as('tok_other', 'scientist'), runId)).rejects.toMatchObject({ status: 403 });
    await expect(tag(as('tok_reader', 'scientist'))).rejects.toMatchObject({ status: 403 });
    await tag(as('tok_viewer', 'viewer'));
    expect((await getRun(runs, as('tok_reader', 'scientist'), runId)).tags.a).toBe('1');
    expect((await search({}, as('tok_other', 'scientist'))).runs).toEqual([]);
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

    expect((await getRun(runs, context, runId)).latest.a?.value).toBe(1);
  });

  it('gives the history in order, repeats counted once', async () => {
    const { runId } = await startRun();
    const batch = { ...nothing, metrics: [point('a', 2, 1, 20), point('a', 1, 0, 10), point('b', 9)] };

    await logBatch(runs, context, runId, batch);
    await logBatch(runs, context, runId, batch);

    const { points } = await getMetricHistory(runs, context, runId, 'a');
    expect(points.map(({ value }) => value)).toEqual([1, 2]);
    expect((await getMetricHistory(runs, context, runId, 'unknown')).points).toEqual([]);
  });

  it('keeps infinities as the largest doubles and NaN as NaN', async () => {
    const { runId } = await startRun();
    const metrics = [point('up', Infinity), point('down', -Infinity), point('nan', Number.NaN)];

    await logBatch(runs, context, runId, { ...nothing, metrics });

    const shown = toMlflowRun(await getRun(runs, context, runId)).data.metrics.map(({ value }) => value);
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
    await expect(logBatch(runs, context, runId, batch)).rejects.toThrow(
      `Params were already logged='[{'key': 'lr', 'old_value': '1', 'new_value': '2'}]' for run ID='${runId}'.`,
    );

    const run = await getRun(runs, context, runId);
    expect([run.params, run.tags.t, run.latest]).toEqual([{ lr: '1' }, undefined, {}]);
    expect((await getMetricHistory(runs, context, runId, 'm')).points).toEqual([]);
  });

  it('pages through a history that was logged in any order, each point once', async () => {
    const { runId } = await startRun();
    const order = (i: number) => (i * 7919) % 500;
    for (let start = 0; start < 500; start += 50) {
      const metrics = Array.from({ length: 50 }, (_, i) => point('a', order(start + i), 0, order(start + i)));
      await logBatch(runs, context, runId, { ...nothing, metrics });
    }

    const seen: number[] = [];
    let pageToken: string | undefined;
    do {
      const page = await getMetricHistory(runs, context, runId, 'a', { maxResults: 77, pageToken });
      seen.push(...page.points.map(({ value }) => value));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);

    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i));
    await expect(getMetricHistory(runs, context, runId, 'a', { pageToken: 'x' })).rejects.toThrow(
      'page token',
    );
  });

  it('keeps params and tags with names that JavaScript knows', async () => {
    const { runId } = await startRun();
    const pair = { key: '__proto__', value: 'a' };

    await logBatch(runs, context, runId, {
      ...nothing,
      params: [pair, { key: 'constructor', value: 'b' }],
      tags: [pair],
    });

    const shown = toMlflowRun(await getRun(runs, context, runId)).data;
    expect(shown.params).toEqual([pair, { key: 'constructor', value: 'b' }]);
    expect(shown.tags).toContainEqual(pair);
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
      Array.from({ length: 16 }, (_, i) =>
        logBatch(runs, context, runId, { ...nothing, tags: [{ key: `t${i}`, value: '1' }] }),
      ),
    );

    expect(Object.keys((await getRun(runs, context, runId)).tags)).toHaveLength(17);
  });

  it('renames the run with its tag and cuts what is too long', async () => {
    const { runId } = await startRun();
    const tags = [
      { key: 'mlflow.runName', value: 'new' },
      { key: 'long', value: 'x'.repeat(9000) },
    ];

    await logBatch(runs, context, runId, { ...nothing, tags });

    const run = await getRun(runs, context, runId);
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
    ['metrics.rmse < 0.2', ['run1']],
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
    ['a made-up page token', { pageToken: Buffer.from('{"offset":-1}').toString('base64') }],
  ])('refuses %s', async (_case, more) => {
    await expect(search(more)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
