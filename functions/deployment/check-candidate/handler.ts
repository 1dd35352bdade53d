import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { makeEndpointTraffic } from '../../../adapters/lambda-control/endpoint-functions.ts';
import { checkCandidate } from '../../../domain/deployment/check-candidate.ts';
import { makeRunTimeNames } from '../../../domain/deployment/run-time-resources.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  names: makeRunTimeNames(env.INSTALLATION),
  functions: makeEndpointTraffic(),
};

/** State of `roll-out-version`: tries the candidate's own example before its first weight. */
export async function handler(
  input: { readonly tenant: string; readonly rolloutId: string },
  lambda: Context,
): Promise<void> {
  const context = makeSystemContext(input.tenant, 'system:check-candidate', lambda.awsRequestId);
  await checkCandidate(deps, context, input.rolloutId);
}
