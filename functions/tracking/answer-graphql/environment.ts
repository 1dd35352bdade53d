import * as z from 'zod';
import { rateLimitText } from '../../../domain/shared/rate-limit-text.ts';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  TRACKING_TABLE_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  /** Each tenant's share of the API. */
  TENANT_LIMIT: rateLimitText,
});
