import * as z from 'zod';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  CHECK_MODEL_FUNCTION_NAME: z.string().min(1),
});
