import * as z from 'zod';

export const environment = z.object({
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  DATASET_BUCKET_NAME: z.string().min(1),
});
