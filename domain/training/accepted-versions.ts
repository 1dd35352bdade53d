import type { Key, Store } from '../shared/store.ts';

const PART_PREFIX = 'accepted#';
/** Executions on an old version are rare, and then a few versions back. */
const PAGE = 100;

interface Accepted {
  readonly dataset: string;
  readonly version: number;
}

/**
 * Remembers that a version's rows were found usable. Later ones are compared with these only: rows that were
 * refused must not become what good ones are measured by.
 */
export async function acceptVersion(
  store: Store,
  tenant: string,
  pipeline: string,
  accepted: Accepted,
): Promise<void> {
  const { dataset, version } = accepted;
  const key = { ...partition(tenant, pipeline), part: `${PART_PREFIX}${String(version).padStart(9, '0')}` };
  const known = await store.get<Accepted>(key);
  if (known?.value.dataset === dataset) return;
  await store.commit([{ put: key, value: accepted, expect: known?.revision ?? 'absent' }]);
}

/** The newest accepted version before this one; undefined when the pipeline has none. */
export async function findAcceptedBefore(
  store: Store,
  tenant: string,
  pipeline: string,
  { dataset, version }: Accepted,
): Promise<number | undefined> {
  const page = await store.listParts<Accepted>(partition(tenant, pipeline), PART_PREFIX, { limit: PAGE });
  const found = page.items.find(({ value }) => value.dataset === dataset && value.version < version);
  return found?.value.version;
}

function partition(tenant: string, pipeline: string): Key {
  return { tenant, kind: 'training-pipeline', id: pipeline };
}
