import * as z from 'zod';

export const environment = z.object({
  PLATFORM_TABLE_NAME: z.string().min(1),
  CAPTURE_BUCKET_NAME: z.string().min(1),
  TRAIN_MODEL_STATE_MACHINE_ARN: z.string().min(1),
});
