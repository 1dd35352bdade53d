import type { CallContext } from '../shared/call-context.ts';
import { InvalidInputError } from '../shared/domain-error.ts';
import { isSafePath } from '../shared/signing/manifest.ts';
import type { Store } from '../shared/store.ts';
import { getUpload } from './create-upload.ts';
import type { VersionOrigin } from './model-records.ts';
import type { ArtifactGate, ArtifactStorage, RunReader, StoredFile } from './ports.ts';
import type { Lineage } from './shapes.ts';
import type { VersionSource } from './version-shapes.ts';

/** Name of the graph inside every version. */
export const MODEL_FILE = 'model.onnx';
/** A version's files are listed, copied and signed one by one. */
const MAX_FILES = 200;

export interface SourceDeps {
  readonly store: Store;
  readonly storage: ArtifactStorage;
  readonly runs: RunReader;
  readonly gate: ArtifactGate;
}

/** Files of a new version, and what their place says about it. */
export interface LocatedSource {
  readonly origin: VersionOrigin;
  readonly lineage: Lineage;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Finds the files that a caller names as a new version.
 *
 * @throws UploadNotFoundError, InvalidInputError when files are missing or none of them is a model,
 *   ForbiddenError for artifacts that the caller may not read
 */
export async function locateSource(
  deps: SourceDeps,
  context: CallContext,
  modelId: string,
  source: VersionSource,
): Promise<LocatedSource> {
  return 'uploadId' in source
    ? locateUpload(deps, context.tenant, modelId, source.uploadId)
    : locateRunFolder(deps, context, source);
}

async function locateUpload(
  deps: SourceDeps,
  tenant: string,
  modelId: string,
  id: string,
): Promise<LocatedSource> {
  const upload = await getUpload(deps.store, tenant, modelId, id);
  const files = await deps.storage.list(upload.prefix);
  const missing = upload.paths.filter((path) => !files.some((file) => file.path === path));
  if (missing.length > 0) {
    throw invalidSource('source.uploadId', `these files have not arrived yet: ${missing.join(', ')}`);
  }
  requireModelFile(files, 'source.uploadId');
  const origin = { kind: 'upload', uri: `uploads/${id}`, prefix: upload.prefix, files } as const;
  return { origin, lineage: {}, metrics: {} };
}

async function locateRunFolder(
  deps: SourceDeps,
  context: CallContext,
  { runId, path }: { runId: string; path: string },
): Promise<LocatedSource> {
  const folder = path.replace(/^\/+|\/+$/g, '');
  if (folder !== '' && !isSafePath(folder)) throw invalidSource('source.path', 'must stay inside the run');
  const run = await deps.runs.find(context.tenant, runId);
  if (run === undefined) throw invalidSource('source.runId', `there is no run '${runId}'`);
  if (run.prefix === undefined)
    throw invalidSource('source.runId', 'its artifacts lie outside of the platform');
  const prefix = folder === '' ? run.prefix : `${run.prefix}${folder}/`;
  await requireRead(deps.gate, context, prefix);
  const files = await deps.storage.list(prefix);
  requireModelFile(files, 'source.path');
  const origin = { kind: 'run', uri: `runs:/${runId}/${folder}`, prefix, files } as const;
  return { origin, lineage: { runId }, metrics: run.metrics };
}

/** A version must not be a way around the permissions of the experiment that its files lie in. */
export async function requireRead(
  gate: ArtifactGate,
  context: CallContext,
  place: string | undefined,
): Promise<void> {
  const experiments = `tenants/${context.tenant}/experiments/`;
  if (place?.startsWith(experiments) !== true) return;
  await gate.requireRead(context, place.slice(experiments.length).replace(/\/$/, ''));
}

/** The graph among the files: `model.onnx`, or the only `.onnx` file at the top. */
export function findModelFile(files: readonly StoredFile[]): string | undefined {
  if (files.some(({ path }) => path === MODEL_FILE)) return MODEL_FILE;
  const graphs = files.filter(({ path }) => path.endsWith('.onnx') && !path.includes('/'));
  return graphs.length === 1 ? graphs[0]?.path : undefined;
}

function requireModelFile(files: readonly StoredFile[], field: string): void {
  if (files.length > MAX_FILES) {
    throw invalidSource(field, `holds ${files.length} files; a version has at most ${MAX_FILES}`);
  }
  if (findModelFile(files) !== undefined) return;
  throw invalidSource(
    field,
    `holds no ${MODEL_FILE} and not exactly one .onnx file; models are served as ONNX`,
  );
}

function invalidSource(path: string, message: string): InvalidInputError {
  return new InvalidInputError(`The version cannot be registered: ${message}.`, [{ path, message }]);
}
