import * as z from 'zod';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  MEASUREMENT_TABLE_NAME: z.string().min(1),
  CAPTURE_BUCKET_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
});
