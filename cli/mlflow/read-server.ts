import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';
import type {
  LoggedModel,
  MlflowExperiment,
  MlflowMetric,
  MlflowRun,
  ModelVersion,
  RegisteredModel,
} from './wire.ts';

const IS_PROMPT = "tags.`mlflow.prompt.is_prompt` = 'true'";
/** Answers of a function have at most 6 MB; a run with hundreds of params is some 20 KB. */
const RUNS_PER_PAGE = 200;
const POINTS_PER_PAGE = 10_000;

/** Experiments in every state of life; those named, or all. */
export async function listExperiments(
  server: MlflowServer,
  names?: readonly string[] | undefined,
): Promise<MlflowExperiment[]> {
  const input = { view_type: 'ALL', max_results: 1000 };
  const all = await collect(
    server.pages<MlflowExperiment, 'experiments'>('experiments/search', 'experiments', {
      method: 'POST',
      input,
    }),
  );
  // Sorted by id, so that a repeated move goes the same way.
  all.sort((a, b) => a.experiment_id.localeCompare(b.experiment_id, 'en', { numeric: true }));
  return names === undefined ? all : all.filter(({ name }) => names.includes(name));
}

/** The runs of an experiment, deleted ones too. */
export async function* listRuns(
  server: MlflowServer,
  experimentId: string,
  filter?: string,
): AsyncGenerator<MlflowRun> {
  const input = {
    experiment_ids: [experimentId],
    run_view_type: 'ALL',
    max_results: RUNS_PER_PAGE,
    ...(filter === undefined ? {} : { filter }),
  };
  for await (const page of server.pages<MlflowRun, 'runs'>('runs/search', 'runs', {
    method: 'POST',
    input,
  })) {
    yield* page;
  }
}

/** A run with its inputs and outputs, which searches of MLflow before 3.6 leave out. */
export async function getRun(server: MlflowServer, id: string): Promise<MlflowRun> {
  return (await server.get<{ run: MlflowRun }>('runs/get', { run_id: id, run_uuid: id })).run;
}

/** Every point that a metric of a run ever had. */
export async function* listPoints(
  server: MlflowServer,
  runId: string,
  key: string,
): AsyncGenerator<readonly MlflowMetric[]> {
  const input = { run_id: runId, run_uuid: runId, metric_key: key, max_results: POINTS_PER_PAGE };
  yield* server.pages<MlflowMetric, 'metrics'>('metrics/get-history', 'metrics', { method: 'GET', input });
}

/** Logged models of an experiment, none where the server is older than they are. */
export async function* listLoggedModels(
  server: MlflowServer,
  experimentId: string,
): AsyncGenerator<LoggedModel> {
  const input = { experiment_ids: [experimentId], max_results: 50 };
  const call = { method: 'POST', input } as const;
  try {
    for await (const page of server.pages<LoggedModel, 'models'>('logged-models/search', 'models', call)) {
      yield* page;
    }
  } catch (error) {
    if (!(error instanceof MlflowError && error.isEndpointAbsent)) throw error;
  }
}

/** Registered models and prompts, which are models that searches leave out unless asked for. */
export async function listRegisteredModels(
  server: MlflowServer,
  names?: readonly string[] | undefined,
): Promise<RegisteredModel[]> {
  const found = new Map<string, RegisteredModel>();
  for (const filter of [undefined, IS_PROMPT]) {
    const input = { max_results: 100, filter };
    const pages = server.pages<RegisteredModel, 'registered_models'>(
      'registered-models/search',
      'registered_models',
      { method: 'GET', input },
    );
    for (const model of await collect(pages)) found.set(model.name, model);
  }
  const all = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return names === undefined ? all : all.filter(({ name }) => names.includes(name));
}

/** A model or prompt with its aliases; undefined when there is none. */
export async function findRegisteredModel(
  server: MlflowServer,
  name: string,
): Promise<RegisteredModel | undefined> {
  return ignoreAbsent(
    server
      .get<{ registered_model: RegisteredModel }>('registered-models/get', { name })
      .then(({ registered_model }) => registered_model),
  );
}

export async function findVersion(
  server: MlflowServer,
  name: string,
  version: number,
): Promise<ModelVersion | undefined> {
  return ignoreAbsent(
    server
      .get<{ model_version: ModelVersion }>('model-versions/get', { name, version: String(version) })
      .then(({ model_version }) => model_version),
  );
}

/** The versions of a model or prompt in the order of their numbers. */
export async function listVersions(server: MlflowServer, model: RegisteredModel): Promise<ModelVersion[]> {
  const isPrompt = model.tags?.some(
    ({ key, value }) => key === 'mlflow.prompt.is_prompt' && value === 'true',
  );
  const quote = model.name.includes("'") ? '"' : "'";
  const named = `name = ${quote}${model.name}${quote}`;
  const input = { filter: isPrompt ? `${named} AND ${IS_PROMPT}` : named, max_results: 1000 };
  const pages = server.pages<ModelVersion, 'model_versions'>('model-versions/search', 'model_versions', {
    method: 'GET',
    input,
  });
  return (await collect(pages)).sort((a, b) => Number(a.version) - Number(b.version));
}

async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

async function ignoreAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof MlflowError && error.isAbsent) return undefined;
    throw error;
  }
}
