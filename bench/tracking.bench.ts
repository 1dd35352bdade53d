import { randomBytes } from 'node:crypto';
import { getExperimentByName } from '../domain/tracking/experiments/experiment.ts';
import { getMetricHistory } from '../domain/tracking/metrics/metric-history.ts';
import { createRun } from '../domain/tracking/runs/create-run.ts';
import { logBatch } from '../domain/tracking/runs/log-batch.ts';
import { type RunSearch, searchRuns } from '../domain/tracking/runs/search-runs.ts';
import {
  context,
  openTrackingWorld,
  type TrackingWorld,
} from '../test/support/tracking-cost/tracking-world.ts';
import { atMost, type Bench, type Figure } from './bench.ts';
import { compareWithMlflow } from './tracking/compare-with-mlflow.ts';
import { measureTrackingFunction } from './tracking/measure-function.ts';

/** The bars of issue 4: calls and units, which hold on AWS as they do here. */
const RUNS = 10_000;
const POINTS = 100_000;
const NOTHING = { metrics: [], params: [], tags: [] };

const calls: Bench = {
  name: 'tracking-calls',
  async run() {
    const world = await openTrackingWorld();
    try {
      return [
        ...(await measureWrites(world)),
        ...(await measureSearch(world)),
        ...(await measureHistory(world)),
      ];
    } finally {
      await world.stop();
    }
  },
};

const bundle: Bench = {
  name: 'tracking-function',
  async run() {
    const { kilobytes, initMs } = await measureTrackingFunction();
    return [atMost('tracking-bundle', kilobytes, 'KB', 700), atMost('tracking-init', initMs, 'ms', 120)];
  },
};

/**
 * How long MLflow's REST calls take beside `mlflow server` on SQLite, on this machine: information, because an
 * emulator in Python stands where DynamoDB and Lambda will. 10,000 runs alone
 * took 8 minutes on two busy cores, so 100,000 are measured when asked for: PERENNIAL_BENCH_RUNS="10000 100000".
 */
const ratios: Bench = {
  name: 'tracking-ratios',
  run: () => compareWithMlflow((process.env.PERENNIAL_BENCH_RUNS ?? String(RUNS)).split(/[ ,]+/).map(Number)),
};

export const bars: Bench[] = [calls, bundle, ratios];

async function startRun(world: TrackingWorld, experimentId: string) {
  return createRun({ ...world, randomBytes }, context, { experimentId, tags: [] });
}

async function measureWrites(world: TrackingWorld): Promise<Figure[]> {
  const { meter, runs, store } = world;
  const experimentId = await world.addExperiment('writes', 0);
  const byName = await meter.measure(() => getExperimentByName(store, context, 'writes'));
  const create = await meter.measure(() => startRun(world, experimentId));
  const { runId } = await startRun(world, experimentId);
  const oneKey = Array.from({ length: 1000 }, (_, step) => makeMetric('loss', step));
  const batch = await meter.measure(() => logBatch(runs, context, runId, { ...NOTHING, metrics: oneKey }));
  const other = await startRun(world, experimentId);
  const manyKeys = Array.from({ length: 1000 }, (_, i) => makeMetric(`metric_${i}`, 0));
  const wide = await meter.measure(() =>
    logBatch(runs, context, other.runId, { ...NOTHING, metrics: manyKeys }),
  );
  const single = await worstOf(100, (step) =>
    meter.measure(() => logBatch(runs, context, runId, { ...NOTHING, metrics: [makeMetric('val', step)] })),
  );
  return [
    atMost('get-by-name-calls', byName.calls, 'calls', 1),
    atMost('run-create-calls', create.calls, 'calls', 2),
    atMost('log-batch-1000-calls', batch.calls, 'calls', 3),
    atMost('log-batch-1000-write-units', batch.writeUnits, 'units', 12),
    atMost('log-batch-1000-keys-calls', wide.calls, 'calls', 3),
    atMost('log-batch-1000-keys-write-units', wide.writeUnits, 'units', 12),
    atMost('log-metric-calls-at-most', single.calls, 'calls', 2),
    { name: 'log-metric-write-units-a-call', value: single.units, unit: 'units' },
  ];
}

async function worstOf(
  times: number,
  measure: (n: number) => Promise<{ calls: number; writeUnits: number }>,
) {
  let [worst, units] = [0, 0];
  for (let n = 0; n < times; n++) {
    const { calls: made, writeUnits } = await measure(n);
    worst = Math.max(worst, made);
    units += writeUnits;
  }
  return { calls: worst, units: units / times };
}

function makeMetric(key: string, step: number) {
  return { key, value: Math.random(), timestamp: 1_767_225_600_000 + step * 137, step };
}

async function measureSearch(world: TrackingWorld): Promise<Figure[]> {
  const { meter, runs } = world;
  const experimentId = await world.addExperiment('search', RUNS);
  const search = (more: Partial<RunSearch>) =>
    searchRuns(runs, context, {
      experimentIds: [experimentId],
      viewType: 'ACTIVE_ONLY',
      maxResults: 100,
      orderBy: [],
      ...more,
    });
  const first = await meter.measure(() => search({}));
  const filters = {
    metric: { filter: 'metrics.train_loss > 2' },
    param: { filter: "params.optimizer = 'none of them'" },
    tag: { filter: "tags.team = 'none of them'" },
    'order-by-metric': { orderBy: ['metrics.train_loss ASC'] },
  };
  const figures = [atMost('search-first-page-calls', first.calls, 'calls', 2)];
  for (const [name, more] of Object.entries(filters)) {
    const { calls: made, bytesRead } = await meter.measure(() => search(more));
    figures.push(atMost(`search-${name}-calls`, made, 'calls', 12));
    figures.push(atMost(`search-${name}-bytes-a-run`, bytesRead / RUNS, 'bytes', 1024));
  }
  return figures;
}

async function measureHistory(world: TrackingWorld): Promise<Figure[]> {
  const { runs } = world;
  const { runId } = await startRun(world, await world.addExperiment('history', 0));
  for (let start = 0; start < POINTS; start += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, i) => makeMetric('loss', start + i));
    await logBatch(runs, context, runId, { ...NOTHING, metrics });
  }
  const heaps: number[] = [];
  let [pageToken, seen] = [undefined as string | undefined, 0];
  do {
    const page = await getMetricHistory(runs, context, runId, 'loss', { maxResults: 10_000, pageToken });
    seen += page.points.length;
    pageToken = page.nextPageToken;
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed / 1e6);
  } while (pageToken !== undefined);
  if (seen !== POINTS) throw new Error(`The history has ${seen} of ${POINTS} points.`);
  const growth = (heaps.at(-1) as number) - (heaps[1] as number);
  // 10,000 points are about 1 MB; half of a page is what garbage that was not collected may leave.
  return [atMost('history-memory-growth', Math.max(0, growth), 'MB', globalThis.gc === undefined ? 60 : 5)];
}
