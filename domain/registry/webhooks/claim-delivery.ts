import { type CallContext, isoTime } from '../../shared/call-context.ts';
import { AlreadyExistsError, ConcurrentChangeError } from '../../shared/domain-error.ts';
import type { Put, Store } from '../../shared/store.ts';
import { committed } from '../commit-changes.ts';
import { type DeliveryItem, type DeliveryRecord, deliveryKey, putDelivery } from './delivery-records.ts';
import type { DeliveryRequest } from './ports.ts';

/** An attempt takes ten seconds at most; who has been at it for a minute has died. */
const CLAIM_MS = 60_000;

/** Takes a delivery for one attempt; undefined when somebody else is at it, or was faster. */
export async function claimDelivery(
  store: Store,
  context: CallContext,
  request: DeliveryRequest,
  from: DeliveryItem | DeliveryRecord,
): Promise<DeliveryItem | undefined> {
  const [value, expect] = 'revision' in from ? [from.value, from.revision] : [from, 'absent' as const];
  if (value.claimedUntil !== undefined && Date.parse(value.claimedUntil) > context.nowMs) return undefined;
  const claimedUntil = new Date(context.nowMs + CLAIM_MS).toISOString();
  const changed = { ...value, claimedUntil, updatedAt: isoTime(context) };
  const put: Put<DeliveryRecord> = putDelivery(deliveryKey(request), changed, expect);
  try {
    await store.commit([put]);
  } catch (error) {
    if (error instanceof AlreadyExistsError || error instanceof ConcurrentChangeError) return undefined;
    throw error;
  }
  return committed(put);
}

/** Writes down how an attempt ended, and ends the claim with it. */
export async function releaseDelivery(
  store: Store,
  context: CallContext,
  { key, value, revision }: DeliveryItem,
  changes: Partial<DeliveryRecord>,
): Promise<void> {
  const { claimedUntil: _, nextAttemptAt: __, ...rest } = value;
  await store.commit([putDelivery(key, { ...rest, ...changes, updatedAt: isoTime(context) }, revision)]);
}
