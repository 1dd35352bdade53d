import type { Key, Put, Remove, Store } from '../shared/store.ts';
import type { VersionItem, VersionRecord } from './model-records.ts';
import type { Stage } from './shapes.ts';

/**
 * What searches look at of a version. The records themselves, with signature and manifest, are many times as
 * long and lie in a partition per model; the entries of a tenant are one partition, some 2,000 a query.
 */
export interface VersionEntry {
  readonly modelId: string;
  readonly number: number;
  readonly stage: Stage;
  readonly runId?: string | undefined;
  readonly source: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
  /** When stage or description changed last (model-records.ts). */
  readonly contentUpdatedAt: string;
}

const ENTRIES = { kind: 'model-version-entry', id: 'all' } as const;
const ENTRIES_PER_QUERY = 5000;

function entryKey(tenant: string, { modelId, number }: VersionRecord): Key {
  return { tenant, ...ENTRIES, part: `${modelId}#${String(number).padStart(6, '0')}` };
}

/**
 * A version's put with that of its entry. Both are always written by the same commit, so that one revision
 * stands for both.
 */
export function withEntry(put: Put<VersionRecord>): [Put<VersionRecord>, Put<VersionEntry>] {
  const { modelId, number, stage, lineage, origin, tags, createdAt } = put.value;
  const value = {
    modelId,
    number,
    stage,
    runId: lineage.runId,
    source: origin.uri,
    tags,
    createdAt,
    contentUpdatedAt: put.value.contentUpdatedAt ?? createdAt,
  };
  return [put, { put: entryKey(put.put.tenant, put.value), value, expect: put.expect }];
}

/** Removes a version and its entry. */
export function removeVersion({ key, value, revision }: VersionItem): [Remove, Remove] {
  return [
    { remove: key, expect: revision },
    { remove: entryKey(key.tenant, value), expect: revision },
  ];
}

/** The entries of all versions, or of one model's, read consistently. */
export async function listVersionEntries(
  store: Store,
  tenant: string,
  modelId?: string,
): Promise<readonly VersionEntry[]> {
  const entries: VersionEntry[] = [];
  const prefix = modelId === undefined ? '' : `${modelId}#`;
  let cursor: string | undefined;
  do {
    const page = await store.listParts<VersionEntry>({ tenant, ...ENTRIES }, prefix, {
      limit: ENTRIES_PER_QUERY,
      cursor,
    });
    entries.push(...page.items.map(({ value }) => value));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return entries;
}

/** Stages that versions move to in a commit; `deleted` for a version that goes. */
export type Moves = ReadonlyMap<number, Stage | 'deleted'>;

/**
 * The newest version in each stage after these moves, for the model's record. Read after the model, whose
 * revision then guards it: whoever moves a version changes its model, too.
 */
export async function computeLatest(
  store: Store,
  tenant: string,
  modelId: string,
  moves: Moves,
): Promise<Partial<Record<Stage, number>>> {
  const latest: Partial<Record<Stage, number>> = {};
  for (const { number, stage } of await listVersionEntries(store, tenant, modelId)) {
    const after = moves.get(number) ?? stage;
    if (after !== 'deleted') latest[after] = Math.max(latest[after] ?? 0, number);
  }
  return latest;
}
