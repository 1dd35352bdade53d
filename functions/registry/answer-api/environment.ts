import * as z from 'zod';
import { rateLimitText } from '../../../domain/shared/rate-limit-text.ts';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  TRACKING_TABLE_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  SIGNING_KEY_ARN: z.string().min(1),
  CHECK_MODEL_FUNCTION_NAME: z.string().min(1),
  /** Each tenant's share of the API. */
  TENANT_LIMIT: rateLimitText,
  WEBHOOK_KEY_PARAMETER: z.string().min(1),
  /** JSON: names, addresses and CIDRs that may be called although they are not public. */
  WEBHOOK_RECEIVERS: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
});
