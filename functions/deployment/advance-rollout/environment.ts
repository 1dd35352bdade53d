import * as z from 'zod';

export const environment = z.object({
  INSTALLATION: z.string().min(1),
  PLATFORM_TABLE_NAME: z.string().min(1),
  MEASUREMENT_TABLE_NAME: z.string().min(1),
  OBSERVATION_LAG_SECONDS: z.coerce.number<string>().min(0),
  HTTP_API_ID: z.string().min(1),
  AUTHORIZER_ID: z.string().min(1),
  HTTP_API_ARN: z.string().min(1),
  FUNCTION_ARN_PREFIX: z.string().min(1),
});
