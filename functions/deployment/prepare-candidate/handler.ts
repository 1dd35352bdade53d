import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeTenantRoles } from '../../../adapters/iam/tenant-roles.ts';
import { createSigningKey } from '../../../adapters/kms/signing-key.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { makeEndpointFunctions } from '../../../adapters/lambda-control/endpoint-functions.ts';
import { prepareCandidate } from '../../../domain/deployment/prepare-candidate.ts';
import { makeRunTimeNames } from '../../../domain/deployment/run-time-resources.ts';
import { createRegistryReader } from '../../../domain/registry/read-registry.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const names = makeRunTimeNames(env.INSTALLATION);
const deps = {
  store,
  registry: createRegistryReader(store),
  names,
  functions: makeEndpointFunctions({
    installation: env.INSTALLATION,
    bundle: { bucket: env.SERVING_BUNDLE_BUCKET, key: env.SERVING_BUNDLE_KEY },
    layerArn: env.RUNTIME_LAYER_ARN,
    architecture: env.ARCHITECTURE,
    logGroupName: env.ENDPOINT_LOG_GROUP_NAME,
    artifactBucket: env.ARTIFACT_BUCKET_NAME,
    publicKeysPem: createSigningKey(env.SIGNING_KEY_ARN).publicKeysPem,
  }),
  roles: makeTenantRoles({
    installation: env.INSTALLATION,
    names,
    boundaryArn: env.TENANT_BOUNDARY_ARN,
    artifactBucket: env.ARTIFACT_BUCKET_NAME,
    logGroupArn: env.ENDPOINT_LOG_GROUP_ARN,
  }),
};

/** First state of `roll-out-version`: publishes the candidate without giving it traffic. */
export async function handler(
  input: { readonly tenant: string; readonly rolloutId: string },
  lambda: Context,
): Promise<void> {
  const context = makeSystemContext(input.tenant, 'system:prepare-candidate', lambda.awsRequestId);
  await prepareCandidate(deps, context, input.rolloutId);
}
