import type { CallContext } from './call-context.ts';
import type { Change, Item, Store } from './store.ts';

/** Something that was deleted and is removed for good when its time to be restored is over. */
export type TrashEntry = {
  readonly tenant: string;
  /** Epoch milliseconds; the thing itself says the same, unless it was restored meanwhile. */
  readonly deletedAt: number;
} & (
  | { readonly kind: 'experiment' | 'run' | 'logged-model'; readonly id: string }
  /** Files in the artifact bucket whose owner is gone already; the prefix ends with `/`. */
  | { readonly kind: 'files'; readonly prefix: string }
);

/** The installation's trash is one partition, ordered by time: a look into it is one query. */
const TRASH = { tenant: '_platform', kind: 'trash', id: 'artifacts' } as const;

/** The entry of files whose owner goes away at once. */
export function trashOf({ tenant, nowMs }: CallContext, prefix: string): TrashEntry {
  return { tenant, deletedAt: nowMs, kind: 'files', prefix };
}

/** Committed with the deletion. */
export function putTrash({ newId }: Pick<CallContext, 'newId'>, entry: TrashEntry): Change {
  const part = `${new Date(entry.deletedAt).toISOString()}#${newId('trs')}`;
  return { put: { ...TRASH, part }, value: entry, expect: 'absent' };
}

/** What was deleted before a time, the longest ago first. */
export async function listTrash(
  store: Store,
  beforeMs: number,
  limit: number,
): Promise<readonly Item<TrashEntry>[]> {
  const to = new Date(beforeMs).toISOString();
  const page = await store.listParts<TrashEntry>(TRASH, '', { limit, to, ascending: true });
  return page.items;
}
