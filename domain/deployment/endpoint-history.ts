import { type CallContext, isoTime } from '../shared/call-context.ts';
import type { Key, Page, PageRequest, Put, Store } from '../shared/store.ts';
import { endpointKey } from './endpoint.ts';

/** From `at` on this version had all the traffic; null means none had. */
export interface HistoryEntry {
  readonly at: string;
  readonly model: string;
  readonly version: number | null;
  readonly rollout: string | null;
  readonly reason: string;
  readonly actor: string;
}

const PREFIX = 'history#';

/** The change that writes an entry into the endpoint's partition, where it outlives the endpoint. */
export function addHistory(
  context: CallContext,
  endpoint: string,
  entry: Omit<HistoryEntry, 'at' | 'actor'>,
): Put<HistoryEntry> {
  const at = isoTime(context);
  const put: Key = {
    ...endpointKey(context.tenant, endpoint),
    part: `${PREFIX}${at}#${entry.rollout ?? context.newId('his')}`,
  };
  return { put, value: { at, ...entry, actor: context.actor }, expect: 'absent' };
}

/** What had the traffic, newest first. */
export async function listHistory(
  store: Store,
  context: Pick<CallContext, 'tenant'>,
  endpoint: string,
  page: PageRequest,
): Promise<Page<HistoryEntry>> {
  const found = await store.listParts<HistoryEntry>(endpointKey(context.tenant, endpoint), PREFIX, page);
  return { items: found.items.map(({ value }) => value), nextCursor: found.nextCursor };
}

/** The entry in force at a time; undefined when nothing had been deployed by then. */
export async function findHistoryAt(
  store: Store,
  context: Pick<CallContext, 'tenant'>,
  endpoint: string,
  at: string,
): Promise<HistoryEntry | undefined> {
  // '~' sorts behind the '#' and the id that follow the time: an entry of exactly `at` is in.
  const page = { limit: 1, to: `${PREFIX}${at}~` };
  const { items } = await store.listParts<HistoryEntry>(endpointKey(context.tenant, endpoint), PREFIX, page);
  return items[0]?.value;
}
