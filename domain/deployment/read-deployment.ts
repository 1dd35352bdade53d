import type { CallContext } from '../shared/call-context.ts';
import { NotFoundError } from '../shared/domain-error.ts';
import type { Item, Page, PageRequest, Store } from '../shared/store.ts';
import { ENDPOINTS_LIST, type Endpoint, endpointKey } from './endpoint.ts';
import { findHistoryAt, type HistoryEntry, listHistory } from './endpoint-history.ts';
import {
  DECISION_PREFIX,
  type Rollout,
  type RolloutDecision,
  rolloutKey,
  rolloutsList,
  type StoredDecision,
} from './rollout.ts';

type Tenanted = Pick<CallContext, 'tenant'>;

/** Decisions that come with a rollout: three hours of minutes, about 200 KB at most. */
const SHOWN_DECISIONS = 200;

/** @throws NotFoundError */
export async function getEndpoint(store: Store, { tenant }: Tenanted, name: string): Promise<Item<Endpoint>> {
  const item = await store.get<Endpoint>(endpointKey(tenant, name));
  if (item === undefined) throw new NotFoundError('endpoint', name);
  return item;
}

/** @throws NotFoundError */
export async function getRollout(store: Store, { tenant }: Tenanted, id: string): Promise<Item<Rollout>> {
  const item = await store.get<Rollout>(rolloutKey(tenant, id));
  if (item === undefined) throw new NotFoundError('rollout', id);
  return item;
}

export function listEndpoints(
  store: Store,
  { tenant }: Tenanted,
  page: PageRequest,
): Promise<Page<Item<Endpoint>>> {
  return store.list<Endpoint>(tenant, ENDPOINTS_LIST, page);
}

export async function listRollouts(
  store: Store,
  context: Tenanted,
  endpoint: string,
  page: PageRequest,
): Promise<Page<Item<Rollout>>> {
  await getEndpoint(store, context, endpoint);
  return store.list<Rollout>(context.tenant, rolloutsList(endpoint), page);
}

/** The last decisions, newest first. */
export async function listDecisions(
  store: Store,
  { tenant }: Tenanted,
  id: string,
): Promise<RolloutDecision[]> {
  const page = { limit: SHOWN_DECISIONS };
  const { items } = await store.listParts<StoredDecision>(rolloutKey(tenant, id), DECISION_PREFIX, page);
  return items.map(({ value }) => ({ ...value, statistics: JSON.parse(value.statistics) }));
}

/** What had the traffic, newest first; with `at` the one entry in force then, if any. */
export async function getEndpointHistory(
  store: Store,
  context: Tenanted,
  name: string,
  query: PageRequest & { readonly at?: string | undefined },
): Promise<Page<HistoryEntry>> {
  await getEndpoint(store, context, name);
  if (query.at === undefined) return listHistory(store, context, name, query);
  const entry = await findHistoryAt(store, context, name, query.at);
  return { items: entry === undefined ? [] : [entry], nextCursor: null };
}
