import * as z from 'zod';

export const environment = z.object({
  INSTALLATION: z.string().min(1),
  PLATFORM_TABLE_NAME: z.string().min(1),
});
