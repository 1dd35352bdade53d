import * as z from 'zod';
import { eventDetail } from '../../shared/event.ts';

const request = z.object({ tenant: z.string(), webhookId: z.string(), eventId: z.string() });
const busEvent = z.object({ 'detail-type': z.string(), detail: eventDetail });

/** What waits in the queue: an event from the bus, or a delivery to be attempted. */
export const deliveryMessage = z.union([
  request.transform((value) => ({ kind: 'request', request: value }) as const),
  busEvent.transform(({ detail, ...event }) => {
    return { kind: 'event', event: { ...detail, detailType: event['detail-type'] } } as const;
  }),
]);
