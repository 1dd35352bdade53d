import type { Change, Item, Key, Page, PageRequest, Store } from '../shared/store.ts';

/** Tenant under which the installation's own items live, as in `domain/access`. */
export const PLATFORM_TENANT = '_platform';

/** A rollout or a deletion that has not ended; the reconciler looks through these, whatever the tenant. */
export interface UnfinishedWork {
  readonly work: 'rollout' | 'deletion';
  readonly tenant: string;
  /** Rollout id, or endpoint name. */
  readonly id: string;
  readonly since: string;
}

const LIST = 'unfinished-deployments';

function workKey({ work, tenant, id }: Omit<UnfinishedWork, 'since'>): Key {
  return { tenant: PLATFORM_TENANT, kind: 'unfinished-deployment', id: `${work}#${tenant}#${id}` };
}

/** Part of the transaction that starts the work. */
export function beginWork(work: UnfinishedWork): Change {
  return { put: workKey(work), value: work, expect: 'absent', placement: { list: LIST, sort: work.since } };
}

/** Part of the transaction that ends it: the item never changes in between, so its revision is 1. */
export function endWork(work: Omit<UnfinishedWork, 'since'>): Change {
  return { remove: workKey(work), expect: 1 };
}

/** Oldest first. */
export function listUnfinishedWork(store: Store, page: PageRequest): Promise<Page<Item<UnfinishedWork>>> {
  return store.list<UnfinishedWork>(PLATFORM_TENANT, LIST, { ...page, ascending: true });
}
