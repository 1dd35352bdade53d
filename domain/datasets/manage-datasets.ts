import { type CallContext, isoTime } from '../shared/call-context.ts';
import { AlreadyExistsError, ConcurrentChangeError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Page, PageRequest, Store } from '../shared/store.ts';
import {
  type Dataset,
  type DatasetSource,
  type DatasetVersion,
  datasetKey,
  datasetVersionKey,
  getDataset,
  makePendingVersion,
  VERSION_PREFIX,
} from './dataset-records.ts';
import { DatasetCreated } from './events.ts';
import type { PresignedTarget, UploadTargets, VersionBuilder } from './ports.ts';

export interface DatasetInput {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Long enough for the largest file on a slow line. */
const UPLOAD_SECONDS = 6 * 3600;
const MAX_ATTEMPTS = 10;

/** Creates a dataset without versions; a name has one winner. */
export async function createDataset(
  store: Store,
  context: CallContext,
  input: DatasetInput,
): Promise<Dataset> {
  const createdAt = isoTime(context);
  const value: Dataset = {
    ...input,
    latestVersion: 0,
    createdAt,
    createdBy: context.actor,
    updatedAt: createdAt,
  };
  const event = {
    resource: `datasets/${input.name}`,
    sequence: 1,
    data: { dataset: input.name },
    after: input,
  };
  await store.commit([
    {
      put: datasetKey(context.tenant, input.name),
      value,
      expect: 'absent',
      placement: { list: 'datasets', sort: createdAt },
    },
    { emit: makeEvent(DatasetCreated, context, event) },
  ]);
  return value;
}

export function listDatasets(store: Store, tenant: string, page: PageRequest): Promise<Page<Item<Dataset>>> {
  return store.list<Dataset>(tenant, 'datasets', page);
}

export async function listDatasetVersions(
  store: Store,
  tenant: string,
  name: string,
  page: PageRequest,
): Promise<Page<Item<DatasetVersion>>> {
  await getDataset(store, tenant, name);
  return store.listParts<DatasetVersion>(datasetKey(tenant, name), VERSION_PREFIX, page);
}

/** Presigned targets for the files of a new version. */
export async function createDatasetUpload(
  deps: { readonly store: Store; readonly targets: UploadTargets },
  context: CallContext,
  name: string,
  files: readonly { readonly path: string; readonly bytes?: number | undefined }[],
) {
  await getDataset(deps.store, context.tenant, name);
  const id = context.newId('upl');
  const targets = await Promise.all(
    files.map(async ({ path, bytes }) => {
      const key = `${uploadPrefix(context.tenant, id)}${path}`;
      const target: PresignedTarget = await deps.targets.presignPut(key, {
        bytes,
        expiresInSeconds: UPLOAD_SECONDS,
      });
      return { path, method: 'PUT' as const, ...target };
    }),
  );
  return { id, expiresAt: new Date(context.nowMs + UPLOAD_SECONDS * 1000).toISOString(), targets };
}

export function uploadPrefix(tenant: string, uploadId: string): string {
  return `tenants/${tenant}/uploads/${uploadId}/`;
}

/** Gives a version its number and starts the reading of its rows. */
export async function createDatasetVersion(
  deps: { readonly store: Store; readonly builder: VersionBuilder },
  context: CallContext,
  name: string,
  source: DatasetSource,
): Promise<DatasetVersion> {
  const version = await addPendingVersion(deps.store, context, name, source);
  const { tenant, actor, requestId } = context;
  await deps.builder.start({ tenant, actor, requestId, dataset: name, version: version.version });
  return version;
}

/** The next number, with a record that its rows are on their way. */
export async function addPendingVersion(
  store: Store,
  context: CallContext,
  name: string,
  source: DatasetSource,
): Promise<DatasetVersion> {
  for (let attempt = 1; ; attempt++) {
    const { key, value, revision } = await getDataset(store, context.tenant, name);
    const version = makePendingVersion(context, name, value.latestVersion + 1, source);
    const counted = { ...value, latestVersion: version.version, updatedAt: version.createdAt };
    const placement = { list: 'datasets', sort: value.createdAt };
    try {
      await store.commit([
        { put: key, value: counted, expect: revision, placement },
        { put: datasetVersionKey(context.tenant, name, version.version), value: version, expect: 'absent' },
      ]);
      return version;
    } catch (error) {
      const lostRace = error instanceof ConcurrentChangeError || error instanceof AlreadyExistsError;
      if (!lostRace || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
