import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getExperimentByName } from '../../domain/tracking/experiments/experiment.ts';
import { getMetricHistory } from '../../domain/tracking/metrics/metric-history.ts';
import { createRun } from '../../domain/tracking/runs/create-run.ts';
import { logBatch } from '../../domain/tracking/runs/log-batch.ts';
import { type RunSearch, searchRuns } from '../../domain/tracking/runs/search-runs.ts';
import { context, openTrackingWorld, type TrackingWorld } from '../support/tracking-cost/tracking-world.ts';

/** More than a page, and more than one query reads at the limit of a page. */
const RUNS = 300;
let world: TrackingWorld;
let experimentId: string;

beforeAll(async () => {
  world = await openTrackingWorld();
  experimentId = await world.addExperiment('usual', RUNS);
});

afterAll(() => world?.stop());

const makeMetrics = (count: number, keyOf: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => ({
    key: keyOf(i),
    value: Math.random(),
    timestamp: 1_767_225_600_000 + i * 137,
    step: i,
  }));

const log = (runId: string, metrics: ReturnType<typeof makeMetrics>) =>
  logBatch(world.runs, context, runId, { metrics, params: [], tags: [] });

async function startRun(): Promise<string> {
  return (await createRun({ ...world, randomBytes }, context, { experimentId, tags: [] })).runId;
}

const search = (more: Partial<RunSearch>) =>
  searchRuns(world.runs, context, {
    ...{ experimentIds: [experimentId], viewType: 'ACTIVE_ONLY', maxResults: 100, orderBy: [], ...more },
  });

describe('on DynamoDB', () => {
  it('an experiment is found by its name in one call, and a run created in two', async () => {
    const byName = await world.meter.measure(() => getExperimentByName(world.store, context, 'usual'));
    const create = await world.meter.measure(startRun);

    expect([byName.calls, byName.readUnits]).toEqual([1, 1]);
    expect(create.calls).toBeLessThanOrEqual(2);
  });

  it.each([
    ['one metric', (_: number) => 'loss'],
    ['a thousand metrics', (i: number) => `metric_${i}`],
  ])('1,000 points of %s take three calls and twelve write units at most', async (_, keyOf) => {
    const runId = await startRun();

    const batch = await world.meter.measure(() => log(runId, makeMetrics(1000, keyOf)));

    expect(batch.calls).toBeLessThanOrEqual(3);
    expect(batch.writeUnits).toBeLessThanOrEqual(12);
  });

  it('a metric logged a hundred times takes two calls each, and little more than a unit', async () => {
    const runId = await startRun();
    let units = 0;
    for (const metric of makeMetrics(100, () => 'loss')) {
      const one = await world.meter.measure(() => log(runId, [metric]));
      expect(one.calls).toBeLessThanOrEqual(2);
      units += one.writeUnits;
    }

    expect(units).toBeLessThanOrEqual(125);
    const { points } = await getMetricHistory(world.runs, context, runId, 'loss');
    expect(points).toHaveLength(100);
  });

  it('the first page of runs takes two calls, of which one reads the page and no more', async () => {
    const page = await world.meter.measure(() => search({}));

    expect(page.calls).toBeLessThanOrEqual(2);
    expect(page.bytesRead).toBeLessThanOrEqual(101 * 1024);
  });

  it.each([
    ['a metric', { filter: 'metrics.train_loss > 2' }],
    ['a param', { filter: "params.optimizer = 'none of them'" }],
    ['a tag', { filter: "tags.team = 'none of them'" }],
    ['an order', { orderBy: ['metrics.train_loss ASC'] }],
  ])('a search by %s reads each run once, less than a KB', async (_, more) => {
    const found = await world.meter.measure(() => search(more));

    expect(found.calls).toBeLessThanOrEqual(3);
    expect(found.bytesRead / RUNS).toBeLessThanOrEqual(1024);
  });
});
