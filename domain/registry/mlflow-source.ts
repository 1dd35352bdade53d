import type { CallContext } from '../shared/call-context.ts';
import { InvalidInputError } from '../shared/domain-error.ts';
import type { Store } from '../shared/store.ts';
import { checkSourceOwner, type SourceOwners } from './check-mlflow-source.ts';
import { requireRead } from './locate-source.ts';
import { checkSourceUri, parseModelsUri, parseRunsUri, type SourceUri } from './mlflow-source-uri.ts';
import type { VersionRecord } from './model-records.ts';
import type { ArtifactGate, ArtifactStorage, LoggedModelReader, RunReader } from './ports.ts';
import { toPrefix } from './read-runs.ts';
import type { Lineage } from './shapes.ts';
import { findSourceVersion, type SourceVersion } from './source-version.ts';
import type { Submission } from './submit-version.ts';
import { explainNotCopied } from './take-over-files.ts';

export interface MlflowSourceDeps {
  readonly store: Store;
  readonly storage: ArtifactStorage;
  readonly runs: RunReader;
  readonly loggedModels: LoggedModelReader;
  /** Name of the bucket behind `storage`. */
  readonly bucketName: string;
  readonly gate: ArtifactGate;
}

/** What the caller said; empty ids count as said, as in MLflow. */
export interface SourceInput {
  readonly source: string;
  readonly runId?: string | undefined;
  readonly modelId?: string | undefined;
  readonly isPrompt?: boolean;
}

/** What a version made through MLflow is made of; `notServableBecause` says why there is nothing to copy. */
export type MlflowSource = Pick<
  Submission,
  'origin' | 'metrics' | 'mlflow' | 'notServableBecause' | 'facts'
> & {
  readonly lineage: Lineage;
};

const ELSEWHERE =
  "The source lies outside of this platform's artifact storage: it is recorded as it is, and its files are neither " +
  'copied nor signed. Log the model to a run of this server, and register runs:/<run id>/<path>.';
const NO_FILES =
  'There are no files at the source, so there is nothing to sign or to serve. Log the model there, and register it ' +
  'as the next version.';
const NO_RUN =
  'The run that it was made from is not there, so there are no files to copy or to sign. Log the model to a run of ' +
  'this server, and register that as the next version.';
const PROMPT = 'It is a prompt: a text in its tags, without files.';
/** What MLflow's clients send where a prompt has no files. */
const PROMPT_SOURCES: readonly string[] = ['dummy-source', 'prompt-template'];

/**
 * Finds the files behind an MLflow source, and what is known of whoever made them.
 *
 * @throws InvalidInputError for sources that MLflow's server refuses, MlflowNotFoundError for absent versions,
 *   ForbiddenError for artifacts that the caller may not read
 */
export async function locateMlflowSource(
  deps: MlflowSourceDeps,
  context: CallContext,
  input: SourceInput,
): Promise<MlflowSource> {
  const { tenant } = context;
  if (input.isPrompt) return locatePrompt(input);
  const uri = checkSourceUri(input.source);
  const named = uri.scheme === 'models' && uri.authority === '' ? parseModelsUri(uri) : undefined;
  const copied =
    named === undefined || 'modelId' in named
      ? undefined
      : await findSourceVersion(deps.store, context, input.source, named);
  const owners = await findOwners(deps, tenant, input, copied);
  checkSourceOwner(input.source, uri, owners);
  const place = findPlace(deps, { source: input.source, uri, copied, owners });
  await requireRead(deps.gate, context, place);
  const origin = {
    kind: 'mlflow',
    uri: copied === undefined ? input.source : `models:/${copied.name}/${copied.version.number}`,
  } as const;
  const common = {
    lineage: toLineage(owners, copied?.version),
    metrics: copied?.version.metrics ?? owners.run?.metrics ?? {},
    mlflow: { modelId: owners.modelId, downloadUri: findDownloadUri(owners, named, copied) },
    facts: copied?.version,
  };
  const isOfAbsentRun = uri.scheme === 'runs' && owners.run === undefined;
  const notServableBecause = isOfAbsentRun ? NO_RUN : await explainNothing(deps.storage, place);
  if (notServableBecause !== undefined) return { ...common, origin, notServableBecause };
  return { ...common, origin: { ...origin, prefix: place } };
}

function locatePrompt({ source, runId }: SourceInput): MlflowSource {
  if (!PROMPT_SOURCES.includes(source)) {
    throw new InvalidInputError(
      `Invalid prompt source: '${source}'. Prompt sources must use an MLflow placeholder.`,
    );
  }
  return {
    origin: { kind: 'mlflow', uri: source },
    lineage: given(runId) === undefined ? {} : { runId },
    metrics: {},
    notServableBecause: PROMPT,
  };
}

/** A copy comes from where its source version came from; anything else that the caller says is a mistake. */
async function findOwners(
  deps: MlflowSourceDeps,
  tenant: string,
  { source, runId, modelId }: SourceInput,
  copied: SourceVersion | undefined,
): Promise<SourceOwners> {
  const theirs = { runId: copied?.version.lineage.runId, modelId: copied?.version.mlflow?.modelId };
  const differs = (said: string | undefined, is: string | undefined) =>
    said !== undefined && said !== (is ?? '');
  if (copied !== undefined && (differs(runId, theirs.runId) || differs(modelId, theirs.modelId))) {
    throw new InvalidInputError(
      `Invalid model version source: '${source}'. The run_id and model_id request parameters must match the ` +
        'referenced model version.',
    );
  }
  const model = given(modelId ?? theirs.modelId);
  const loggedModel = model === undefined ? undefined : await deps.loggedModels.find(tenant, model);
  const owner = given(runId ?? theirs.runId) ?? loggedModel?.runId;
  const run = owner === undefined ? undefined : await deps.runs.find(tenant, owner);
  return { tenant, runId: owner, run, modelId: model, loggedModel };
}

interface Located {
  readonly source: string;
  readonly uri: SourceUri;
  readonly copied: SourceVersion | undefined;
  readonly owners: SourceOwners;
}

/** Prefix of the files in the platform's own storage, ending with `/`; undefined when they lie elsewhere. */
function findPlace(
  { bucketName }: MlflowSourceDeps,
  { source, uri, copied, owners }: Located,
): string | undefined {
  if (copied !== undefined) {
    const { manifest, prefix, origin } = copied.version;
    return manifest === undefined ? origin.prefix : prefix;
  }
  if (uri.scheme === 'models') return owners.loggedModel?.prefix;
  if (uri.scheme === 's3') {
    const key = uri.path
      .split('/')
      .filter((part) => part !== '')
      .join('/');
    // What another tenant has in the same bucket is as far away as any other bucket; versions have models: addresses,
    // at which the permission on their model is asked for.
    const isOwn = uri.authority === bucketName && key.startsWith(`tenants/${owners.tenant}/experiments/`);
    return isOwn ? `${key}/` : undefined;
  }
  const inRun = uri.scheme === 'runs' ? parseRunsUri(uri) : undefined;
  if (inRun === undefined) return toPrefix(owners.tenant, source);
  const root = owners.run?.prefix;
  return root && (inRun.path === '' ? root : `${root}${inRun.path}/`);
}

async function explainNothing(
  storage: ArtifactStorage,
  place: string | undefined,
): Promise<string | undefined> {
  if (place === undefined) return ELSEWHERE;
  const files = await storage.list(place);
  if (files.length === 0) return NO_FILES;
  const reason = explainNotCopied(files);
  return reason && `The files stay at the source, neither copied nor signed. ${reason}`;
}

/** MLflow's client cannot download from an address that names another object. */
function findDownloadUri(
  { loggedModel }: SourceOwners,
  named: ReturnType<typeof parseModelsUri>,
  copied: SourceVersion | undefined,
): string | undefined {
  if (copied !== undefined) return copied.version.mlflow?.downloadUri ?? copied.version.origin.uri;
  return named === undefined ? undefined : loggedModel?.artifactUri;
}

function toLineage({ runId, run, modelId }: SourceOwners, copied: VersionRecord | undefined): Lineage {
  return {
    ...copied?.lineage,
    ...run?.lineage,
    ...(runId === undefined ? {} : { runId }),
    ...(modelId === undefined ? {} : { loggedModelId: modelId }),
  };
}

function given(id: string | undefined): string | undefined {
  return id === '' ? undefined : id;
}
