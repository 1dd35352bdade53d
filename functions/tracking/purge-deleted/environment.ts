import * as z from 'zod';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  TRACKING_TABLE_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  /** Days between a deletion and the removal. */
  RETENTION_DAYS: z.coerce.number().int().min(0),
});
