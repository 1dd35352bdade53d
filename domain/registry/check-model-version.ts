import type { CallContext } from '../shared/call-context.ts';
import type { Item, Store } from '../shared/store.ts';
import { explainFlavor } from './explain-flavor.ts';
import { MODEL_FILE } from './locate-source.ts';
import { findMlmodel, type Mlmodel, toVersionFields, type YamlParser } from './mlmodel.ts';
import { type ModelRecord, modelKey, type VersionRecord, versionKey } from './model-records.ts';
import type { ArtifactStorage, ModelCheck, ModelChecker, Signer, StoredFile } from './ports.ts';
import { findScoreRange, findTask } from './read-companions.ts';
import { recordReady } from './record-ready.ts';
import { refuseVersion } from './refuse-version.ts';
import { signFiles } from './sign-files.ts';
import { findGraph, takeOverFiles } from './take-over-files.ts';
import { type Companions, readCompanions, readOffered, SERVED_FILES } from './version-companions.ts';

export interface CheckDeps {
  readonly store: Store;
  readonly storage: ArtifactStorage;
  readonly checker: ModelChecker;
  readonly signer: Signer;
  readonly parseYaml: YamlParser;
}

/** A submitted version with what was found of it. */
interface Submitted {
  readonly item: Item<VersionRecord>;
  readonly model: ModelRecord;
  /** Files at their immutable place. */
  readonly files: readonly StoredFile[];
  readonly mlmodel: Mlmodel | undefined;
}

/**
 * Copies a submitted version's files to their immutable place, loads and runs the model, signs what it found
 * and makes the version READY; or REFUSED, with reasons. A model that came through MLflow in another flavor than
 * ONNX is copied and signed as it is. A repeat starts over; a version that is no longer CHECKING is left alone.
 * Failures of the platform itself are thrown, so that the caller tries again.
 */
export async function checkModelVersion(
  deps: CheckDeps,
  context: CallContext,
  { modelId, version }: { readonly modelId: string; readonly version: number },
): Promise<void> {
  const { store, storage } = deps;
  const item = await store.get<VersionRecord>(versionKey(context.tenant, modelId, version));
  const model = await store.get<ModelRecord>(modelKey(context.tenant, modelId));
  if (item?.value.status !== 'CHECKING' || model === undefined) return;

  const { origin, prefix } = item.value;
  const from = origin.prefix ?? '';
  const sent = origin.files ?? (await storage.list(from));
  const mlmodel = await findMlmodel(deps, from, sent);
  const graph = findGraph(origin.kind, sent, mlmodel);
  const files = await takeOverFiles(storage, [from, prefix], sent, graph);
  const submitted = { item, model: model.value, files, mlmodel };
  if (graph !== undefined) return checkGraph(deps, context, submitted);
  if (mlmodel?.onnxFile !== undefined) {
    return refuse(deps, context, item, [
      `MLmodel names '${mlmodel.onnxFile}', which is not among the files.`,
    ]);
  }
  if (origin.kind === 'mlflow') return signAsItIs(deps, context, submitted);
  return refuse(deps, context, item, [`There is no ${MODEL_FILE} and not exactly one .onnx file.`]);
}

async function checkGraph(deps: CheckDeps, context: CallContext, submitted: Submitted): Promise<void> {
  const { item, files, mlmodel } = submitted;
  const { prefix, signature, tolerance } = item.value;
  const companions = await readCompanions(deps.storage, prefix, files);
  if ('problem' in companions) return refuse(deps, context, item, [companions.problem]);

  const check = await deps.checker.check({
    prefix,
    files,
    modelFile: MODEL_FILE,
    signature: signature ?? companions.signature,
    example: companions.example,
    offered: mlmodel && (await readOffered(deps.storage, prefix, files, mlmodel)),
    tolerance,
  });
  if (!check.ok || check.signature === undefined) return refuse(deps, context, item, check.reasons);
  await makeServable(deps, context, submitted, { ...check, signature: check.signature }, companions);
}

async function makeServable(
  deps: CheckDeps,
  context: CallContext,
  { item, model, mlmodel }: Submitted,
  check: ModelCheck & { readonly signature: Readonly<Record<string, unknown>> },
  { profile, example }: Companions,
): Promise<void> {
  const { prefix, number } = item.value;
  await dropOthers(deps.storage, prefix, check.externalData);
  await writeJson(deps.storage, `${prefix}signature.json`, check.signature);
  const known = check.example ?? example;
  if (known !== undefined) await writeJson(deps.storage, `${prefix}example.json`, known);
  const manifest = await signFiles(deps, context, { prefix, name: `${model.name}/${number}` });
  const task = item.value.task ?? model.task ?? findTask(check.signature);
  const { signature, signatureFrom, loadMs, maxDifference, tolerance, warnings } = check;
  await recordReady(deps.store, context, model.name, item.value, {
    ...toVersionFields(mlmodel),
    status: 'READY',
    servable: true,
    notServableBecause: undefined,
    task,
    signature,
    signatureFrom,
    hasExample: known !== undefined,
    hasProfile: profile !== undefined,
    scoreRange: findScoreRange(profile, task),
    check: { loadMs, maxDifference, tolerance, warnings },
    manifest,
  });
}

/** Nothing is added to the files, so that MLflow loads the copy as it loads the original. */
async function signAsItIs(
  deps: CheckDeps,
  context: CallContext,
  { item, model, mlmodel }: Submitted,
): Promise<void> {
  const { prefix, number } = item.value;
  const manifest = await signFiles(deps, context, { prefix, name: `${model.name}/${number}` });
  await recordReady(deps.store, context, model.name, item.value, {
    ...toVersionFields(mlmodel),
    status: 'READY',
    servable: false,
    notServableBecause: explainFlavor(mlmodel),
    signature: mlmodel?.signature,
    signatureFrom: mlmodel?.signature && 'caller',
    manifest,
  });
}

/** A version holds what serving and monitoring read; notes and environments of the exporter stay behind. */
async function dropOthers(
  storage: ArtifactStorage,
  prefix: string,
  externalData: readonly string[],
): Promise<void> {
  const kept = new Set([...SERVED_FILES, ...externalData]);
  const files = await storage.list(prefix);
  await storage.delete(files.filter(({ path }) => !kept.has(path)).map(({ path }) => prefix + path));
}

async function refuse(
  { store, storage }: CheckDeps,
  context: CallContext,
  { value }: Item<VersionRecord>,
  reasons: readonly string[],
): Promise<void> {
  await refuseVersion(store, context, { modelId: value.modelId, version: value.number }, reasons);
  const files = await storage.list(value.prefix);
  await storage.delete(files.map(({ path }) => value.prefix + path));
}

function writeJson(storage: ArtifactStorage, key: string, value: unknown): Promise<void> {
  return storage.write(key, Buffer.from(JSON.stringify(value)), 'application/json');
}
