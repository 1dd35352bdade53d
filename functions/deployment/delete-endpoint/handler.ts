import type { Context } from 'aws-lambda';
import { makeServingRoutes } from '../../../adapters/apigateway/serving-routes.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeTenantRoles } from '../../../adapters/iam/tenant-roles.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { makeEndpointTraffic } from '../../../adapters/lambda-control/endpoint-functions.ts';
import { removeEndpoint } from '../../../domain/deployment/delete-endpoint.ts';
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

/** Removes an endpoint that is marked DELETING; asked for by the API, and again by the reconciler. */
export async function handler(
  input: { readonly tenant: string; readonly endpoint: string },
  lambda: Context,
): Promise<void> {
  const context = makeSystemContext(input.tenant, 'system:delete-endpoint', lambda.awsRequestId);
  await removeEndpoint(deps, context, input.endpoint);
}
