import { type Figure, median } from '../bench.ts';
import { startTrackingServers, type TrackingServer } from './tracking-servers.ts';

const HISTORY_POINTS = 10_000;
const POINTS_A_BATCH = 1000;
const NOW_MS = Date.UTC(2026, 5, 1);
/** A median of fewer would follow whatever else the machine does. */
const TIMES = 9;

type Sequence = (n: number) => Promise<unknown>;

/** Times MLflow's calls on both servers with experiments of these sizes; figures without bars. */
export async function compareWithMlflow(sizes: readonly number[]): Promise<Figure[]> {
  const servers = await startTrackingServers();
  try {
    const figures: Figure[] = [];
    for (const size of sizes) {
      const name = `bench-${size}`;
      const { ours, mlflow } = await servers.addExperiment(name, size);
      figures.push(...(await compare(size, await prepare(ours, name), await prepare(mlflow, name))));
    }
    return figures;
  } finally {
    await servers.stop();
  }
}

async function compare(size: number, ours: Record<string, Sequence>, mlflow: Record<string, Sequence>) {
  const figures: Figure[] = [];
  for (const [what, sequence] of Object.entries(ours)) {
    try {
      const [own, their] = await timeInTurns(sequence, mlflow[what] as Sequence);
      figures.push(
        { name: `ratio-${what}-${size}`, value: own / their, unit: 'x' },
        { name: `time-${what}-${size}`, value: own, unit: 'ms' },
        { name: `mlflow-time-${what}-${size}`, value: their, unit: 'ms' },
      );
    } catch (error) {
      // A call that a server cannot answer, for its time limit perhaps, must not cost the other figures.
      console.error(`No figure for ${what} at ${size} runs: ${(error as Error).message}`);
    }
  }
  return figures;
}

/** Medians; in turns, so that whatever else the machine does falls on both. The first of each only warms up. */
async function timeInTurns(ours: Sequence, mlflow: Sequence): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n <= TIMES; n++) {
    const [own, their] = [await timeMs(ours, n), await timeMs(mlflow, n)];
    if (n === 0) continue;
    times[0].push(own);
    times[1].push(their);
  }
  return [median(times[0]), median(times[1])];
}

async function timeMs(sequence: Sequence, n: number): Promise<number> {
  const start = performance.now();
  await sequence(n);
  return performance.now() - start;
}

/** The sequences on one server, with the runs that they need. */
async function prepare({ call, experimentId }: TrackingServer, name: string) {
  const create = () => call('POST', 'runs/create', { experiment_id: experimentId, start_time: NOW_MS });
  const makeRun = async () => (await create()).run.info.run_id as string;
  const logBatch = (runId: string, begin: number) =>
    call('POST', 'runs/log-batch', { run_id: runId, metrics: makePoints(begin) });
  const [single, batch, history] = [await makeRun(), await makeRun(), await makeRun()];
  for (let begin = 0; begin < HISTORY_POINTS; begin += POINTS_A_BATCH) await logBatch(history, begin);
  const search = async (fields: object) => {
    const input = { experiment_ids: [experimentId], max_results: 100, ...fields };
    expectLength((await call('POST', 'runs/search', input)).runs, 100);
  };
  const point = { key: 'loss', value: 0.5, timestamp: NOW_MS };
  return {
    'create-run': create,
    'log-metric': (n: number) => call('POST', 'runs/log-metric', { run_id: single, ...point, step: n }),
    'log-batch': (n: number) => logBatch(batch, n * POINTS_A_BATCH),
    'get-run': () => call('GET', 'runs/get', { run_id: history }),
    'search-first-page': () => search({}),
    'search-metric': () => search({ filter: 'metrics.train_loss < 0.5' }),
    'search-order-by-metric': () => search({ order_by: ['metrics.train_loss ASC'] }),
    history: async () => {
      const input = { run_id: history, metric_key: 'loss', max_results: String(HISTORY_POINTS) };
      expectLength((await call('GET', 'metrics/get-history', input)).metrics, HISTORY_POINTS);
    },
    'get-by-name': () => call('GET', 'experiments/get-by-name', { experiment_name: name }),
  };
}

function makePoints(begin: number) {
  return Array.from({ length: POINTS_A_BATCH }, (_, i) => ({
    ...{ key: 'loss', value: Math.random(), timestamp: NOW_MS + (begin + i) * 137, step: begin + i },
  }));
}

/** A time is worth nothing when the answer was another. */
function expectLength(list: readonly unknown[] | undefined, length: number): void {
  if (list?.length !== length) throw new Error(`${list?.length ?? 0} were answered instead of ${length}.`);
}
