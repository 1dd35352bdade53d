import { UsageError } from '../errors.ts';
import type { SourceModel } from './copy-registry.ts';
import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';
import type { MoveOptions } from './move-context.ts';
import {
  findRegisteredModel,
  getRun,
  listExperiments,
  listRegisteredModels,
  listVersions,
} from './read-server.ts';
import type { LoggedModel, MlflowExperiment, ModelVersion } from './wire.ts';

/** What a move is about. */
export interface Chosen {
  readonly experiments: readonly MlflowExperiment[];
  readonly models: readonly SourceModel[];
}

/**
 * Everything; or the named experiments; or the named models with the experiments that their versions come from.
 *
 * @throws UsageError for names that the source has not got
 */
export async function chooseWhat(source: MlflowServer, options: MoveOptions): Promise<Chosen> {
  const { experiments: names, models: modelNames } = options;
  const models = names !== undefined && modelNames === undefined ? [] : await readModels(source, modelNames);
  const all = await listExperiments(source);
  if (names !== undefined) {
    requireAll('experiment', names, all);
    return { models, experiments: all.filter(({ name }) => names.includes(name)) };
  }
  if (modelNames === undefined) return { models, experiments: all };
  const ids = await findOrigins(
    source,
    models.flatMap(({ versions }) => versions),
  );
  return { models, experiments: all.filter(({ experiment_id }) => ids.has(experiment_id)) };
}

async function readModels(
  source: MlflowServer,
  names: readonly string[] | undefined,
): Promise<SourceModel[]> {
  const listed = await listRegisteredModels(source, names);
  if (names !== undefined) requireAll('registered model', names, listed);
  const models: SourceModel[] = [];
  for (const { name } of listed) {
    // Lists of some servers leave the aliases out.
    const model = await findRegisteredModel(source, name);
    if (model !== undefined) models.push({ model, versions: await listVersions(source, model) });
  }
  return models;
}

function requireAll(
  kind: string,
  names: readonly string[],
  found: readonly { readonly name: string }[],
): void {
  const missing = names.filter((wanted) => !found.some(({ name }) => name === wanted));
  if (missing.length > 0) throw new UsageError(`The source has no ${kind} ${missing.join(', ')}.`);
}

/** Ids of the experiments whose runs or logged models became these versions. */
async function findOrigins(source: MlflowServer, versions: readonly ModelVersion[]): Promise<Set<string>> {
  const experiments = new Set<string>();
  const owners = new Set(versions.flatMap(({ run_id = '', model_id = '' }) => [run_id, model_id]));
  owners.delete('');
  for (const id of owners) {
    const found = await findExperimentOf(source, id);
    if (found !== undefined) experiments.add(found);
  }
  return experiments;
}

/** The experiment of a run or logged model; undefined when the server has not got it. */
export async function findExperimentOf(source: MlflowServer, id: string): Promise<string | undefined> {
  try {
    if (id.startsWith('m-')) {
      const { model } = await source.get<{ model: LoggedModel }>(`logged-models/${id}`);
      return model.info.experiment_id;
    }
    return (await getRun(source, id)).info.experiment_id;
  } catch (error) {
    // A version outlives the run that it came from.
    if (error instanceof MlflowError && error.status === 404) return undefined;
    throw error;
  }
}
