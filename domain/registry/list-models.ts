import { compareTexts } from '../shared/mlflow/order-values.ts';
import type { Store } from '../shared/store.ts';
import {
  type ModelItem,
  type ModelRecord,
  modelKey,
  NAMES,
  type NameEntry,
  nameKey,
  namePart,
} from './model-records.ts';

/** Names are about 150 bytes: a query of 1 MB answers some 5,000. */
const NAMES_PER_QUERY = 5000;
/** After every name, whatever its script. */
const END_OF_NAMES = 'name#\u{10ffff}';

export interface NameRange {
  readonly descending?: boolean;
  /** Begins behind this name. */
  readonly after?: string | undefined;
  /** How many are read at a time. */
  readonly pageSize?: number;
}

/** The tenant's models by name, read consistently, a page of names at a time: one query each. */
export async function* eachNamePage(
  store: Store,
  tenant: string,
  { descending = false, after, pageSize = NAMES_PER_QUERY }: NameRange = {},
): AsyncGenerator<readonly NameEntry[]> {
  const bound = after === undefined ? undefined : namePart(after);
  const range = descending
    ? { from: 'name#', to: bound ?? END_OF_NAMES }
    : { from: bound ?? 'name#', to: END_OF_NAMES };
  let cursor: string | undefined;
  do {
    const page = await store.listParts<NameEntry>({ tenant, ...NAMES }, 'name#', {
      ...range,
      cursor,
      limit: pageSize,
      ascending: !descending,
    });
    // The bound itself may be among them: stores differ in whether a range ends with it.
    yield page.items.map(({ value }) => value).filter(({ name }) => name !== after);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** The names of all models, with their permissions, by id: one query for each 5,000. */
export async function listNamesById(store: Store, tenant: string): Promise<ReadonlyMap<string, NameEntry>> {
  const names = new Map<string, NameEntry>();
  for await (const page of eachNamePage(store, tenant))
    for (const entry of page) names.set(entry.modelId, entry);
  return names;
}

/** The models of these names that exist, by name: two calls for each hundred. */
export async function getModelsByName(
  store: Store,
  tenant: string,
  names: readonly string[],
): Promise<readonly ModelItem[]> {
  const keys = [...new Set(names)].sort(compareTexts).map((name) => nameKey(tenant, name));
  const entries = await store.getMany<NameEntry>(keys);
  return getModelsById(
    store,
    tenant,
    entries.map(({ value }) => value.modelId),
  );
}

/** The models of these ids that exist: one call for each hundred. */
export function getModelsById(
  store: Store,
  tenant: string,
  ids: readonly string[],
): Promise<readonly ModelItem[]> {
  return store.getMany<ModelRecord>(ids.map((id) => modelKey(tenant, id)));
}
