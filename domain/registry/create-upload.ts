import { type CallContext, isoTime } from '../shared/call-context.ts';
import { type FieldError, InvalidInputError } from '../shared/domain-error.ts';
import { isSafePath } from '../shared/signing/manifest.ts';
import type { Key, Store } from '../shared/store.ts';
import { UploadNotFoundError } from './errors.ts';
import { getModelItem } from './model-records.ts';
import type { ArtifactStorage } from './ports.ts';
import type { Upload, UploadInput } from './version-shapes.ts';

/** Long enough for 5 GB at 12 Mbit/s; a function's own credentials end not much later. */
const EXPIRES_IN_SECONDS = 3600;
/** A day after the last file could arrive nobody registers it any more. */
const KEPT_MS = 24 * 3600 * 1000;

export interface UploadRecord {
  readonly id: string;
  readonly modelId: string;
  readonly prefix: string;
  readonly paths: readonly string[];
  readonly createdBy: string;
  readonly createdAt: string;
}

/**
 * Gives a presigned target for each file of a version to be.
 *
 * @throws ModelNotFoundError, InvalidInputError for unsafe or repeated paths
 */
export async function createUpload(
  { store, storage }: { store: Store; storage: ArtifactStorage },
  context: CallContext,
  model: string,
  { files }: UploadInput,
): Promise<Upload> {
  const item = await getModelItem(store, context.tenant, model);
  checkPaths(files.map(({ path }) => path));
  const id = context.newId('upl');
  const prefix = `tenants/${context.tenant}/uploads/${id}/`;
  const record: UploadRecord = {
    id,
    modelId: item.value.id,
    prefix,
    paths: files.map(({ path }) => path),
    createdBy: context.actor,
    createdAt: isoTime(context),
  };
  const targets = await Promise.all(
    files.map(async ({ path, bytes }) => {
      const target = await storage.presignPut(prefix + path, { bytes, expiresInSeconds: EXPIRES_IN_SECONDS });
      return { path, method: 'PUT' as const, url: target.url, headers: { ...target.headers } };
    }),
  );
  await store.commit([
    {
      put: uploadKey(context.tenant, id),
      value: record,
      expect: 'absent',
      expiresAtMs: context.nowMs + KEPT_MS,
    },
  ]);
  const expiresAt = new Date(context.nowMs + EXPIRES_IN_SECONDS * 1000).toISOString();
  return { id, model, expiresAt, targets };
}

/** @throws UploadNotFoundError when there is none of this id for this model */
export async function getUpload(
  store: Store,
  tenant: string,
  modelId: string,
  id: string,
): Promise<UploadRecord> {
  const item = await store.get<UploadRecord>(uploadKey(tenant, id));
  if (item?.value.modelId !== modelId) throw new UploadNotFoundError(id);
  return item.value;
}

function uploadKey(tenant: string, id: string): Key {
  return { tenant, kind: 'upload', id };
}

function checkPaths(paths: readonly string[]): void {
  const errors = paths.flatMap((path, index): FieldError[] => {
    const at = `files[${index}].path`;
    if (!isSafePath(path) || path.startsWith('.')) {
      return [{ path: at, message: 'must be a relative path without . or .. segments' }];
    }
    return paths.indexOf(path) === index ? [] : [{ path: at, message: `names '${path}' a second time` }];
  });
  if (errors.length > 0) throw new InvalidInputError('The files of an upload are not valid.', errors);
}
