import type { PlatformEvent } from '../../shared/event.ts';
import type { Store } from '../../shared/store.ts';
import type { DeliveryQueue, DeliveryRequest } from './ports.ts';
import { formatWebhookEvent } from './webhook-event.ts';
import { toWebhookEvent } from './webhook-payload.ts';
import { eachWebhook } from './webhook-records.ts';

/**
 * Asks for a delivery to each active webhook of the tenant that wants this event; answers how many. Whatever
 * asks twice is found out when the delivery is attempted.
 */
export async function planDeliveries(
  { store, queue }: { readonly store: Store; readonly queue: DeliveryQueue },
  committed: Pick<PlatformEvent, 'tenant' | 'eventId' | 'detailType' | 'data'>,
): Promise<number> {
  const event = toWebhookEvent(committed);
  if (event === undefined) return 0;
  const wanted = formatWebhookEvent(event);
  const { tenant, eventId } = committed;
  const requests: DeliveryRequest[] = [];
  for await (const { value } of eachWebhook(store, tenant)) {
    const isWanted = value.events.some((each) => formatWebhookEvent(each) === wanted);
    if (value.status === 'ACTIVE' && isWanted) requests.push({ tenant, webhookId: value.id, eventId });
  }
  await queue.send(requests);
  return requests.length;
}
