import type { Call } from './call.ts';
import { runFilter, runOrder } from './searches.ts';
import { KEYS, someTags, TEXTS, type World } from './world.ts';

const VALUES = [0, 1, -1, 0.5, 1e300, 3.25, 'NaN', 'Infinity', '-Infinity'] as const;
const NOON = 1_750_000_000_000;

type MakeCall = (world: World) => Call;

function post(path: string, input: Call['input'], more: Partial<Call> = {}): Call {
  return { method: 'POST', path, input, ...more };
}

function createExperiment(world: World): Call {
  const { random, experiments } = world;
  const name =
    random.chance(0.2) && experiments.length > 0 ? random.pick(experiments).name : world.newName('e');
  const ref = world.newName('@exp');
  return post(
    'experiments/create',
    { name, ...(random.chance(0.5) ? { tags: someTags(random) } : {}) },
    {
      binds: { name: ref, at: ['experiment_id'] },
      onSuccess: () => experiments.push({ ref, name }),
    },
  );
}

function createRun(world: World): Call {
  const { random, runs } = world;
  const ref = world.newName('@run');
  const name = random.pick(['one', 'Two', 'three', 'one']);
  const asTag = random.chance(0.2);
  const tags = [...someTags(random), ...(asTag ? [{ key: 'mlflow.runName', value: name }] : [])];
  const input = {
    experiment_id: world.anExperiment(),
    start_time: world.newTime(),
    user_id: random.pick(['ada', 'bo']),
    tags,
    ...(asTag && random.chance(0.5) ? {} : { run_name: random.chance(0.1) ? 'other' : name }),
  };
  return post('runs/create', input, {
    binds: { name: ref, at: ['run', 'info', 'run_id'] },
    onSuccess: () => runs.push(ref),
  });
}

function makeMetric({ random }: World) {
  return {
    key: random.pick(KEYS.slice(0, 4)),
    value: random.pick(VALUES),
    timestamp: NOON + random.below(4),
    ...(random.chance(0.8) ? { step: random.below(5) - 1 } : {}),
  };
}

function logBatch(world: World): Call {
  const { random } = world;
  const metrics = Array.from({ length: random.below(6) }, () => makeMetric(world));
  const params = Array.from({ length: random.below(3) }, () => makePair(world));
  return post('runs/log-batch', { run_id: world.aRun(), metrics, params, tags: someTags(random) });
}

function makePair({ random }: World) {
  return { key: random.pick(KEYS), value: random.pick(TEXTS) };
}

function logInputs(world: World): Call {
  const { random } = world;
  const datasets = Array.from({ length: random.below(3) }, () => ({
    dataset: {
      name: random.pick(['iris', 'flights']),
      digest: random.pick(['1', '2']),
      source_type: 'local',
      source: '{}',
      ...(random.chance(0.5) ? { schema: '{"a":1}' } : {}),
    },
    tags: random.chance(0.5)
      ? [{ key: 'mlflow.data.context', value: random.pick(['training', 'eval']) }]
      : [],
  }));
  return post('runs/log-inputs', { run_id: world.aRun(), datasets });
}

function updateRun(world: World): Call {
  const { random } = world;
  const input = {
    run_id: world.aRun(),
    ...(random.chance(0.6)
      ? { status: random.pick(['RUNNING', 'FINISHED', 'FAILED', 3, 'KILLED', 'BOGUS']) }
      : {}),
    ...(random.chance(0.5) ? { end_time: NOON + 5000 + random.below(3) } : {}),
    ...(random.chance(0.4) ? { run_name: random.pick(['renamed', '', 'one']) } : {}),
  };
  return post('runs/update', input);
}

function searchRuns(world: World): Call {
  const { random } = world;
  const experiments = [...random.some(world.experiments, 4).map(({ ref }) => ref), '0'];
  return post('runs/search', {
    experiment_ids: experiments,
    ...(random.chance(0.8) ? { filter: runFilter(random) } : {}),
    ...(random.chance(0.6) ? { order_by: runOrder(random) } : {}),
    ...(random.chance(0.4) ? { run_view_type: random.pick(['ALL', 'DELETED_ONLY', 'ACTIVE_ONLY', 3]) } : {}),
    max_results: random.pick([1, 3, 1000]),
  });
}

function searchExperiments(world: World): Call {
  const { random } = world;
  const filter = random.pick([
    "name LIKE 'e%'",
    "name ILIKE 'E1%'",
    "name = 'e1'",
    "name != 'e1'",
    "tags.a = 'v'",
    "tags.`x y` != 'v'",
    "tags.b LIKE '%'",
    'creation_time > 0',
    "bogus = 'x'",
    'name = e1',
  ]);
  const order = random.pick([
    'name',
    'name DESC',
    'creation_time',
    'experiment_id DESC',
    'last_update_time DESC',
  ]);
  return post('experiments/search', {
    max_results: random.pick([1, 2, 100]),
    ...(random.chance(0.7) ? { filter } : {}),
    ...(random.chance(0.5) ? { order_by: [order] } : {}),
    ...(random.chance(0.3) ? { view_type: random.pick(['ALL', 'DELETED_ONLY', 2]) } : {}),
  });
}

/** Of a run that is not there MLflow's database has no metrics, while the platform says so: 404. */
function readHistory(world: World): Call {
  const { random, runs } = world;
  if (runs.length === 0) return createRun(world);
  const page = random.chance(0.5) ? { max_results: random.pick([1, 2, 100]) } : {};
  const input = { run_id: random.pick(runs), metric_key: random.pick(KEYS.slice(0, 4)), ...page };
  return { method: 'GET', path: 'metrics/get-history', input };
}

/** Makes calls on experiments and runs, each as often as its weight says. */
export const TRACKING_CALLS: readonly (readonly [weight: number, make: MakeCall])[] = [
  [5, createExperiment],
  [
    3,
    (world) => ({ method: 'GET', path: 'experiments/get', input: { experiment_id: world.anExperiment() } }),
  ],
  [
    2,
    ({ random, experiments }) => {
      const name = random.pick(['nobody', ...experiments.map((each) => each.name)]);
      return { method: 'GET', path: 'experiments/get-by-name', input: { experiment_name: name } };
    },
  ],
  [
    2,
    (world) => {
      const name = world.random.chance(0.3) ? 'Default' : world.newName('renamed');
      return post('experiments/update', { experiment_id: world.anExperiment(), new_name: name });
    },
  ],
  [1, (world) => post('experiments/delete', { experiment_id: world.anExperiment() })],
  [1, (world) => post('experiments/restore', { experiment_id: world.anExperiment() })],
  [
    3,
    (world) =>
      post('experiments/set-experiment-tag', { experiment_id: world.anExperiment(), ...makePair(world) }),
  ],
  [
    1,
    (world) =>
      post('experiments/delete-experiment-tag', {
        experiment_id: world.anExperiment(),
        key: world.random.pick(KEYS),
      }),
  ],
  [5, searchExperiments],
  [12, createRun],
  [6, (world) => ({ method: 'GET', path: 'runs/get', input: { run_id: world.aRun() } })],
  [5, updateRun],
  [1, (world) => post('runs/delete', { run_id: world.aRun() })],
  [1, (world) => post('runs/restore', { run_id: world.aRun() })],
  [4, (world) => post('runs/set-tag', { run_id: world.aRun(), ...makePair(world) })],
  [2, (world) => post('runs/delete-tag', { run_id: world.aRun(), key: world.random.pick(KEYS) })],
  [6, (world) => post('runs/log-metric', { run_id: world.aRun(), ...makeMetric(world) })],
  [4, (world) => post('runs/log-parameter', { run_id: world.aRun(), ...makePair(world) })],
  [8, logBatch],
  [3, logInputs],
  [14, searchRuns],
  [5, readHistory],
];
