import type { CallContext } from '../shared/call-context.ts';
import type { Item, Store } from '../shared/store.ts';
import { findModelFile, MODEL_FILE } from './locate-source.ts';
import { type ModelRecord, modelKey, type VersionRecord, versionKey } from './model-records.ts';
import type { ArtifactStorage, ModelCheck, ModelChecker, Signer, StoredFile } from './ports.ts';
import { findScoreRange, findTask, parseJsonObject } from './read-companions.ts';
import { recordReady } from './record-ready.ts';
import { refuseVersion } from './refuse-version.ts';
import { SIGNATURE_BUNDLE_FILE, signFiles } from './sign-files.ts';

export interface CheckDeps {
  readonly store: Store;
  readonly storage: ArtifactStorage;
  readonly checker: ModelChecker;
  readonly signer: Signer;
}

interface Companions {
  readonly signature?: unknown;
  readonly example?: Readonly<Record<string, unknown>> | undefined;
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Copies a submitted version's files to their immutable place, loads and runs the model, signs what it found
 * and makes the version READY; or REFUSED, with reasons. A repeat starts over; a version that is no longer
 * CHECKING is left alone. Failures of the platform itself are thrown, so that the caller tries again.
 */
export async function checkModelVersion(
  deps: CheckDeps,
  context: CallContext,
  target: { readonly modelId: string; readonly version: number },
): Promise<void> {
  const item = await deps.store.get<VersionRecord>(
    versionKey(context.tenant, target.modelId, target.version),
  );
  if (item?.value.status !== 'CHECKING') return;
  const refuse = (reasons: readonly string[]) => refuseAndClear(deps, context, item, reasons);

  const files = await takeOver(deps.storage, item.value);
  if (!files.some(({ path }) => path === MODEL_FILE)) {
    return refuse([`There is no ${MODEL_FILE} and not exactly one .onnx file among the files.`]);
  }
  const companions = await readCompanions(deps.storage, item.value, files);
  if ('problem' in companions) return refuse([companions.problem]);

  const { prefix } = item.value;
  const { signature, example } = companions;
  const check = await deps.checker.check({
    prefix,
    files,
    modelFile: MODEL_FILE,
    signature: item.value.signature ?? signature,
    example,
    tolerance: item.value.tolerance,
  });
  if (!check.ok || check.signature === undefined) return refuse(check.reasons);
  await makeReady(deps, context, item, { ...check, signature: check.signature }, companions);
}

/** Copies the files, the graph under its fixed name; whatever signature came with them is not ours. */
async function takeOver(
  storage: ArtifactStorage,
  { origin, prefix }: VersionRecord,
): Promise<readonly StoredFile[]> {
  const files = (origin.files ?? []).filter(({ path }) => path !== SIGNATURE_BUNDLE_FILE);
  const graph = findModelFile(files);
  const renamed = files.map((file) => ({ ...file, to: file.path === graph ? MODEL_FILE : file.path }));
  for (const { path, to } of renamed) await storage.copy(`${origin.prefix}${path}`, prefix + to);
  return renamed.map(({ to, bytes }) => ({ path: to, bytes }));
}

async function readCompanions(
  storage: ArtifactStorage,
  { prefix }: VersionRecord,
  files: readonly StoredFile[],
): Promise<Companions | { readonly problem: string }> {
  const found: Record<string, Readonly<Record<string, unknown>> | undefined> = {};
  for (const name of ['signature', 'example', 'profile']) {
    const file = `${name}.json`;
    if (!files.some(({ path }) => path === file)) continue;
    found[name] = parseJsonObject(await storage.read(prefix + file));
    if (found[name] === undefined) return { problem: `${file} is not a JSON object.` };
  }
  return found;
}

async function makeReady(
  deps: CheckDeps,
  context: CallContext,
  item: Item<VersionRecord>,
  check: ModelCheck & { readonly signature: Readonly<Record<string, unknown>> },
  { profile, example }: Companions,
): Promise<void> {
  const { prefix, modelId, number } = item.value;
  const model = await deps.store.get<ModelRecord>(modelKey(context.tenant, modelId));
  if (model === undefined) return;
  await dropOthers(deps.storage, prefix, check.externalData);
  await writeJson(deps.storage, `${prefix}signature.json`, check.signature);
  const known = check.example ?? example;
  if (known !== undefined) await writeJson(deps.storage, `${prefix}example.json`, known);
  const manifest = await signFiles(deps, context, { prefix, name: `${model.value.name}/${number}` });
  const task = item.value.task ?? model.value.task ?? findTask(check.signature);
  await recordReady(deps.store, context, model.value.name, item.value, {
    status: 'READY',
    servable: true,
    notServableBecause: undefined,
    task,
    signature: check.signature,
    signatureFrom: check.signatureFrom,
    hasExample: known !== undefined,
    hasProfile: profile !== undefined,
    scoreRange: findScoreRange(profile, task),
    check: {
      loadMs: check.loadMs,
      maxDifference: check.maxDifference,
      tolerance: check.tolerance,
      warnings: check.warnings,
    },
    manifest,
  });
}

/** A version holds what serving and monitoring read; notes and environments of the exporter stay behind. */
async function dropOthers(
  storage: ArtifactStorage,
  prefix: string,
  externalData: readonly string[],
): Promise<void> {
  const kept = new Set([MODEL_FILE, 'signature.json', 'example.json', 'profile.json', ...externalData]);
  const files = await storage.list(prefix);
  await storage.delete(files.filter(({ path }) => !kept.has(path)).map(({ path }) => prefix + path));
}

async function refuseAndClear(
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
