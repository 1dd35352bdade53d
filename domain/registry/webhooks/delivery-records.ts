import type { Item, Key, Page, PageRequest, Put, Store } from '../../shared/store.ts';
import type { WebhookDeliveryView } from '../webhook-contract.ts';
import type { DeliveryRequest } from './ports.ts';
import { getWebhookItem } from './webhook-records.ts';

export interface DeliveryAttempt {
  readonly at: string;
  readonly durationMs: number;
  readonly responseStatus?: number | undefined;
  readonly responseBody?: string | undefined;
  readonly error?: string | undefined;
}

/** One event for one webhook, with every attempt. */
export interface DeliveryRecord {
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly event: string;
  readonly resource: string;
  readonly status: 'PENDING' | 'DELIVERED' | 'FAILED';
  readonly attempts: readonly DeliveryAttempt[];
  readonly nextAttemptAt?: string | undefined;
  /** Until then somebody is at it; a repeat of the request leaves it alone. */
  readonly claimedUntil?: string | undefined;
  /** Why it ended without another attempt. */
  readonly endedBecause?: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type DeliveryItem = Item<DeliveryRecord>;

const KEPT_MS = 30 * 24 * 3600 * 1000;
const PREFIX = 'delivery#';

function partitionOf(tenant: string, webhookId: string) {
  return { tenant, kind: 'webhook-delivery', id: webhookId };
}

/** Named by webhook and event: a repeated event finds the delivery that is there. */
export function deliveryKey({ tenant, webhookId, eventId }: DeliveryRequest): Key {
  return { ...partitionOf(tenant, webhookId), part: `${PREFIX}${eventId}` };
}

export function putDelivery(key: Key, value: DeliveryRecord, expect: 'absent' | number): Put<DeliveryRecord> {
  return { put: key, value, expect, expiresAtMs: Date.parse(value.createdAt) + KEPT_MS };
}

/** Newest first. @throws WebhookNotFoundError */
export async function listDeliveries(
  store: Store,
  tenant: string,
  webhookId: string,
  page: PageRequest,
): Promise<Page<WebhookDeliveryView>> {
  await getWebhookItem(store, tenant, webhookId);
  const found = await store.listParts<DeliveryRecord>(partitionOf(tenant, webhookId), PREFIX, page);
  return { items: found.items.map(({ value }) => toView(value)), nextCursor: found.nextCursor };
}

function toView(record: DeliveryRecord): WebhookDeliveryView {
  const { id, webhookId, eventId, event, resource, status, createdAt, updatedAt } = record;
  const attempts = record.attempts.map(({ at, durationMs, responseStatus, responseBody, error }) => ({
    ...{ at, durationMs, responseStatus: responseStatus ?? null },
    ...{ responseBody: responseBody ?? null, error: error ?? null },
  }));
  const last = attempts.at(-1);
  return {
    ...{ id, webhookId, eventId, event, resource, status },
    responseStatus: last?.responseStatus ?? null,
    error: record.endedBecause ?? last?.error ?? null,
    attempts,
    nextAttemptAt: record.nextAttemptAt ?? null,
    ...{ createdAt, updatedAt },
  };
}
