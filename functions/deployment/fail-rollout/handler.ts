import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { makeEndpointTraffic } from '../../../adapters/lambda-control/endpoint-functions.ts';
import { explainFailure, type StateFailure } from '../../../domain/deployment/explain-failure.ts';
import { failRollout } from '../../../domain/deployment/fail-rollout.ts';
import { makeRunTimeNames } from '../../../domain/deployment/run-time-resources.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  names: makeRunTimeNames(env.INSTALLATION),
  functions: makeEndpointTraffic(),
};

interface Failure {
  readonly tenant: string;
  readonly rolloutId: string;
  readonly failure: StateFailure;
}

/** Where `roll-out-version` ends when a state failed for good: FAILED, with the traffic on the incumbent. */
export async function handler({ tenant, rolloutId, failure }: Failure, lambda: Context): Promise<void> {
  const context = makeSystemContext(tenant, 'system:fail-rollout', lambda.awsRequestId);
  await failRollout(deps, context, rolloutId, explainFailure(failure));
}
