import { createHash } from 'node:crypto';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import { DomainError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Store } from '../shared/store.ts';
import { type DatasetFile, type DatasetVersion, getDatasetVersion } from './dataset-records.ts';
import { DatasetVersionCreated } from './events.ts';
import type { RowStorage } from './ports.ts';

export interface BuildDependencies {
  readonly store: Store;
  readonly rows: RowStorage;
}

/**
 * Reads and stores the rows of a PENDING version: READY with schema, digest and profile, or REFUSED with the
 * reason. Another delivery of the same request finds the version done and changes nothing.
 */
export async function buildDatasetVersion(
  deps: BuildDependencies,
  context: CallContext,
  dataset: string,
  version: number,
): Promise<DatasetVersion> {
  const item = await getDatasetVersion(deps.store, context.tenant, dataset, version);
  if (item.value.status === 'READY' || item.value.status === 'REFUSED') return item.value;
  try {
    return await storeRows(deps, context, item);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return refuse(deps.store, context, item, error.message);
  }
}

async function storeRows(
  { store, rows }: BuildDependencies,
  context: CallContext,
  item: Item<DatasetVersion>,
): Promise<DatasetVersion> {
  const stored = await rows.store(context, item.value);
  const { profile: _, ...content } = stored;
  const digest = digestFiles(stored.files);
  const ready: DatasetVersion = {
    ...item.value,
    ...content,
    digest,
    status: 'READY',
    updatedAt: isoTime(context),
  };
  const { dataset, version, source } = ready;
  const data = { dataset, version, rows: stored.rows, digest, source: source.kind };
  const resource = `datasets/${dataset}/versions/${version}`;
  await store.commit([
    { put: item.key, value: ready, expect: item.revision },
    { emit: makeEvent(DatasetVersionCreated, context, { resource, sequence: item.revision + 1, data }) },
  ]);
  return ready;
}

async function refuse(
  store: Store,
  context: CallContext,
  item: Item<DatasetVersion>,
  reason: string,
): Promise<DatasetVersion> {
  const refused: DatasetVersion = {
    ...item.value,
    status: 'REFUSED',
    reasons: [reason],
    updatedAt: isoTime(context),
  };
  await store.commit([{ put: item.key, value: refused, expect: item.revision }]);
  return refused;
}

/** SHA-256 over `path sha256` lines sorted by path: equal rows in equal files have equal digests. */
export function digestFiles(files: readonly DatasetFile[]): string {
  const lines = files.map(({ path, sha256 }) => `${path} ${sha256}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}
