import * as z from 'zod';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  SIGNING_KEY_ARN: z.string().min(1),
  INSPECT_MODEL_FUNCTION_NAME: z.string().min(1),
});
