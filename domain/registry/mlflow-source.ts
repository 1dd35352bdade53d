import { InvalidInputError } from '../shared/domain-error.ts';
import type { Store } from '../shared/store.ts';
import { findModelFile } from './locate-source.ts';
import { MlflowNotFoundError } from './mlflow-words.ts';
import { findModel, findVersionItem, type VersionOrigin } from './model-records.ts';
import type { ArtifactStorage, RunReader } from './ports.ts';
import { toPrefix } from './read-runs.ts';
import type { Lineage } from './shapes.ts';

export interface MlflowSourceDeps {
  readonly store: Store;
  readonly storage: ArtifactStorage;
  readonly runs: RunReader;
}

/** What a version made through MLflow is made of; `notServableBecause` says why there is nothing to check. */
export interface MlflowSource {
  readonly origin: VersionOrigin;
  readonly lineage: Lineage;
  readonly metrics: Readonly<Record<string, number>>;
  readonly notServableBecause?: string;
}

const NO_ONNX =
  'These artifacts hold no ONNX model, which is what endpoints serve. Export the model (skl2onnx, torch.onnx, ' +
  'onnxmltools …), log it with mlflow.onnx.log_model, and register that.';
const ELSEWHERE =
  "The source lies outside of this platform's artifact storage, so its files cannot be checked or served. " +
  'Log the model to a run of this server, and register runs:/<run id>/<path>.';

/**
 * Finds the files behind an MLflow source: `runs:/`, `mlflow-artifacts:/` and `models:/<name>/<version>` are
 * ours; any other address is recorded as it is.
 *
 * @throws InvalidInputError for sources that climb out of their folder, MlflowNotFoundError for absent runs
 */
export async function locateMlflowSource(
  deps: MlflowSourceDeps,
  tenant: string,
  source: string,
  runId: string | undefined,
): Promise<MlflowSource> {
  refuseClimbing(source);
  const run = await findRun(deps.runs, tenant, source, runId);
  const lineage = runId === undefined || runId === '' ? {} : { runId };
  const base = { lineage, metrics: run?.metrics ?? {} };
  const prefix = await findPrefix(deps, tenant, source, run?.prefix);
  if (prefix === undefined) {
    return { ...base, origin: { kind: 'mlflow', uri: source }, notServableBecause: ELSEWHERE };
  }
  const files = await deps.storage.list(prefix);
  if (findModelFile(files) === undefined) {
    return { ...base, origin: { kind: 'mlflow', uri: source }, notServableBecause: NO_ONNX };
  }
  return { ...base, origin: { kind: 'mlflow', uri: source, prefix, files } };
}

async function findRun(runs: RunReader, tenant: string, source: string, runId: string | undefined) {
  const named = /^runs:\/+([^/]+)/.exec(source)?.[1];
  if (named !== undefined && runId !== undefined && runId !== '' && runId !== named) {
    throw new InvalidInputError(
      `Invalid model version source: '${source}'. It is a source of run '${named}', but the run_id is '${runId}'.`,
    );
  }
  const wanted = named ?? runId;
  const run = wanted === undefined || wanted === '' ? undefined : await runs.find(tenant, wanted);
  if (named !== undefined && run === undefined) {
    throw new MlflowNotFoundError(`Run with id=${named} not found`);
  }
  if (source.startsWith('mlflow-artifacts:') && run?.prefix !== undefined) {
    if (!toPrefix(tenant, source)?.startsWith(run.prefix)) {
      throw new InvalidInputError(
        `Invalid model version source: '${source}'. It must lie among the artifacts of run '${wanted}'.`,
      );
    }
  }
  return run;
}

async function findPrefix(
  deps: MlflowSourceDeps,
  tenant: string,
  source: string,
  runPrefix: string | undefined,
): Promise<string | undefined> {
  const path = /^runs:\/+[^/]+\/*(.*?)\/*$/.exec(source)?.[1];
  if (path !== undefined) return runPrefix && `${runPrefix}${path === '' ? '' : `${path}/`}`;
  const version = /^models:\/+([^/@]+)\/(\d+)$/.exec(source);
  if (version === null) return toPrefix(tenant, source);
  const model = await findModel(deps.store, tenant, version[1] as string);
  const found = model && (await findVersionItem(deps.store, tenant, model.value, version[2] as string));
  if (found === undefined) throw new MlflowNotFoundError(`Model Version (${source}) not found`);
  return found.value.servable ? found.value.prefix : undefined;
}

function refuseClimbing(source: string): void {
  let decoded = source;
  // Three rounds find escapes of escapes, as MLflow's own check does.
  for (let round = 0; round < 3; round++) decoded = decodeOnce(decoded);
  if (!decoded.split(/[/\\]/).includes('..') && !decoded.includes('\0')) return;
  throw new InvalidInputError(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, ` +
      'objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references ' +
      'present. Please provide an absolute path.',
  );
}

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign is part of a name, not an escape.
    return text;
  }
}
