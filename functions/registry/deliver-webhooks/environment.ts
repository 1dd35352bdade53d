import * as z from 'zod';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  DELIVERY_QUEUE_URL: z.string().min(1),
  WEBHOOK_KEY_PARAMETER: z.string().min(1),
  /** JSON: names, addresses and CIDRs that may be called although they are not public. */
  WEBHOOK_RECEIVERS: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
});
