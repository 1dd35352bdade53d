import * as z from 'zod';

export const environment = z.object({
  INSTALLATION: z.string().min(1),
  PLATFORM_TABLE_NAME: z.string().min(1),
  ARTIFACT_BUCKET_NAME: z.string().min(1),
  SERVING_BUNDLE_BUCKET: z.string().min(1),
  SERVING_BUNDLE_KEY: z.string().min(1),
  RUNTIME_LAYER_ARN: z.string().min(1),
  ARCHITECTURE: z.enum(['arm64', 'x86_64']),
  ENDPOINT_LOG_GROUP_NAME: z.string().min(1),
  ENDPOINT_LOG_GROUP_ARN: z.string().min(1),
  TENANT_BOUNDARY_ARN: z.string().min(1),
  SIGNING_KEY_ARN: z.string().min(1),
});
