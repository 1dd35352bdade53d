import type * as z from 'zod';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import { NotFoundError } from '../shared/domain-error.ts';
import type { Item, Key, Store } from '../shared/store.ts';
import type { datasetColumn, datasetSource, VERSION_STATUSES } from './contract.ts';

export type DatasetSource = z.output<typeof datasetSource>;
export type DatasetColumn = z.output<typeof datasetColumn>;
export type DatasetVersionStatus = (typeof VERSION_STATUSES)[number];

export interface Dataset {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly latestVersion: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

export interface DatasetFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Rows that an endpoint saw, and those whose outcome is known. */
export interface LabelCoverage {
  readonly captured: number;
  readonly labelled: number;
  readonly from: string;
  readonly to: string;
}

/** What a version is once its rows were read. */
export interface DatasetContent {
  readonly rows: number;
  readonly columns: readonly DatasetColumn[];
  readonly digest: string;
  readonly files: readonly DatasetFile[];
  readonly coverage?: LabelCoverage | undefined;
}

export interface DatasetVersion extends Partial<DatasetContent> {
  readonly dataset: string;
  readonly version: number;
  readonly status: DatasetVersionStatus;
  readonly reasons: readonly string[];
  readonly source: DatasetSource;
  /** `tenants/<tenant>/datasets/<name>/versions/<n>/` in the dataset bucket. */
  readonly prefix: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

export function datasetKey(tenant: string, name: string): Key {
  return { tenant, kind: 'dataset', id: name };
}

export const VERSION_PREFIX = 'version#';

export function datasetVersionKey(tenant: string, name: string, version: number): Key {
  return { ...datasetKey(tenant, name), part: `${VERSION_PREFIX}${String(version).padStart(9, '0')}` };
}

export function datasetVersionPrefix(tenant: string, name: string, version: number): string {
  return `tenants/${tenant}/datasets/${name}/versions/${version}/`;
}

/** Where a profile lies beside the rows: below the prefix, outside the digest. */
export const PROFILE_FILE = 'profile.json';

export async function getDataset(store: Store, tenant: string, name: string): Promise<Item<Dataset>> {
  const item = await store.get<Dataset>(datasetKey(tenant, name));
  if (item === undefined) throw new NotFoundError('dataset', name);
  return item;
}

/** By number, or the newest for `latest`. */
export async function getDatasetVersion(
  store: Store,
  tenant: string,
  name: string,
  version: number | string,
): Promise<Item<DatasetVersion>> {
  const number =
    version === 'latest' ? (await getDataset(store, tenant, name)).value.latestVersion : Number(version);
  const item = await store.get<DatasetVersion>(datasetVersionKey(tenant, name, number));
  if (item === undefined) throw new NotFoundError('dataset version', `${name}/${version}`);
  return item;
}

/** The record of a version that has a number and no rows yet. */
export function makePendingVersion(
  context: CallContext,
  dataset: string,
  version: number,
  source: DatasetSource,
): DatasetVersion {
  const createdAt = isoTime(context);
  return {
    dataset,
    version,
    status: 'PENDING',
    reasons: [],
    source,
    prefix: datasetVersionPrefix(context.tenant, dataset, version),
    createdAt,
    createdBy: context.actor,
    updatedAt: createdAt,
  };
}
