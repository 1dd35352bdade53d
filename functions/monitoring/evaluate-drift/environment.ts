import * as z from 'zod';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  MEASUREMENT_TABLE_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  /** How long after a minute its last captured line may arrive. */
  OBSERVATION_LAG_SECONDS: z.coerce.number().int().min(1),
});
