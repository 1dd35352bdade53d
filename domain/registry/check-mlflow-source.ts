import { InvalidInputError } from '../shared/domain-error.ts';
import { isLocalSource, parseModelsUri, parseRunsUri, type SourceUri } from './mlflow-source-uri.ts';
import { MlflowNotFoundError } from './mlflow-words.ts';
import type { KnownLoggedModel, KnownRun } from './ports.ts';
import { toPrefix } from './read-runs.ts';

/** Who, as the caller says, owns the source, and what is known of them. */
export interface SourceOwners {
  readonly tenant: string;
  readonly runId: string | undefined;
  readonly run: KnownRun | undefined;
  readonly modelId: string | undefined;
  readonly loggedModel: KnownLoggedModel | undefined;
}

type Owner = 'run_id' | 'model_id';

/**
 * Holds a source against the run or logged model that it is said to come from, by the rules of MLflow's server:
 * an address inside of artifact storage needs an owner who has it.
 *
 * @throws InvalidInputError, MlflowNotFoundError for an absent logged model
 */
export function checkSourceOwner(source: string, uri: SourceUri, owners: SourceOwners): void {
  const owner: Owner = owners.modelId === undefined ? 'run_id' : 'model_id';
  const refuse = (of: Owner = owner) => {
    throw new InvalidInputError(
      `Invalid model version source: '${source}'. The ${of} request parameter must identify the resource ` +
        'that contains the source.',
    );
  };
  if (isLocalSource(uri)) refuseLocal(source, uri, owner, owners, refuse);
  if (uri.scheme === 'runs' && !isFromRun(uri, owners)) refuse();
  if (uri.scheme === 'models' && !isFromModel(uri, owners)) refuse('model_id');
  if (uri.scheme === 'mlflow-artifacts' && !isInside(source, owners)) refuse();
  if (owners.modelId !== undefined && owners.loggedModel === undefined) {
    throw new MlflowNotFoundError(`Logged model with ID '${owners.modelId}' not found.`);
  }
}

/** No run's artifacts lie in the file system of a machine. */
function refuseLocal(
  source: string,
  { path }: SourceUri,
  owner: Owner,
  { run, runId, loggedModel, modelId }: SourceOwners,
  refuse: () => void,
): never {
  const known = owner === 'run_id' ? run : loggedModel;
  const named = owner === 'run_id' ? runId : modelId;
  if (named !== undefined && known === undefined) refuse();
  throw new InvalidInputError(
    `Invalid model version source: '${known === undefined ? source : path}'. To use a local path as a model version ` +
      `source, the ${owner} request parameter has to be specified and the local path has to be contained within ` +
      `the artifact directory of the run specified by the ${owner}.`,
  );
}

/** The run need not exist: versions outlive the runs that they were made from. */
function isFromRun(uri: SourceUri, { runId, modelId }: SourceOwners): boolean {
  if (modelId !== undefined || uri.authority !== '') return false;
  return runId !== undefined && parseRunsUri(uri)?.runId === runId;
}

function isFromModel(uri: SourceUri, { modelId }: SourceOwners): boolean {
  const named = parseModelsUri(uri);
  if (named === undefined || uri.authority !== '') return false;
  return !('modelId' in named) || named.modelId === modelId;
}

function isInside(source: string, { tenant, modelId, run, loggedModel }: SourceOwners): boolean {
  const root = modelId === undefined ? run?.prefix : loggedModel?.prefix;
  return root !== undefined && toPrefix(tenant, source)?.startsWith(root) === true;
}
