import * as z from 'zod';

export const environment = z.object({
  INSTALLATION: z.string().min(1),
  PLATFORM_TABLE_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  ENDPOINT_LOG_GROUP_ARN: z.string().min(1),
  TENANT_BOUNDARY_ARN: z.string().min(1),
  HTTP_API_ID: z.string().min(1),
  AUTHORIZER_ID: z.string().min(1),
  HTTP_API_ARN: z.string().min(1),
  FUNCTION_ARN_PREFIX: z.string().min(1),
});
