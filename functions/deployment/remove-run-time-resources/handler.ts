import type { Context } from 'aws-lambda';
import { makeServingRoutes } from '../../../adapters/apigateway/serving-routes.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeTenantRoles } from '../../../adapters/iam/tenant-roles.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { makeEndpointTraffic } from '../../../adapters/lambda-control/endpoint-functions.ts';
import { removeRunTimeResources } from '../../../domain/deployment/remove-run-time-resources.ts';
import { makeRunTimeNames } from '../../../domain/deployment/run-time-resources.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const names = makeRunTimeNames(env.INSTALLATION);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  names,
  functions: makeEndpointTraffic(),
  routes: makeServingRoutes({
    apiId: env.HTTP_API_ID,
    authorizerId: env.AUTHORIZER_ID,
    apiArn: env.HTTP_API_ARN,
    functionArnPrefix: env.FUNCTION_ARN_PREFIX,
  }),
  roles: makeTenantRoles({
    installation: env.INSTALLATION,
    names,
    boundaryArn: env.TENANT_BOUNDARY_ARN,
    artifactBucket: env.ARTIFACT_BUCKET_NAME,
    logGroupArn: env.ENDPOINT_LOG_GROUP_ARN,
  }),
};

/** Called before the stacks are removed: what they do not know of must not stay behind. */
export async function handler(
  _input: unknown,
  lambda: Context,
): Promise<{ readonly removed: number; readonly remaining: number }> {
  const { removed, remaining, failures } = await removeRunTimeResources(deps, (tenant) =>
    makeSystemContext(tenant, 'system:remove-run-time-resources', lambda.awsRequestId),
  );
  for (const { resource, error } of failures) logger.error('not removed', { resource, error });
  return { removed, remaining };
}
