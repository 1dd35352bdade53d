import type { Context } from 'aws-lambda';
import { makeServingRoutes } from '../../../adapters/apigateway/serving-routes.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeObservationSource } from '../../../adapters/dynamodb/observation-source.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { makeEndpointTraffic } from '../../../adapters/lambda-control/endpoint-functions.ts';
import { advanceRollout } from '../../../domain/deployment/advance-rollout.ts';
import { secondsToNextTick } from '../../../domain/deployment/next-tick.ts';
import { makeRunTimeNames } from '../../../domain/deployment/run-time-resources.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  names: makeRunTimeNames(env.INSTALLATION),
  functions: makeEndpointTraffic(),
  observations: makeObservationSource({
    tableName: env.MEASUREMENT_TABLE_NAME,
    lagSeconds: env.OBSERVATION_LAG_SECONDS,
  }),
  routes: makeServingRoutes({
    apiId: env.HTTP_API_ID,
    authorizerId: env.AUTHORIZER_ID,
    apiArn: env.HTTP_API_ARN,
    functionArnPrefix: env.FUNCTION_ARN_PREFIX,
  }),
};

interface Tick {
  readonly tenant: string;
  readonly rolloutId: string;
  /** Of the execution; absent when an operator's command does not wait for the next tick. */
  readonly generation?: number;
}

/** One tick of a rollout: the state of `roll-out-version` that moves weights. */
export async function handler(
  { tenant, rolloutId, generation }: Tick,
  lambda: Context,
): Promise<{ readonly finished: boolean; readonly waitSeconds: number }> {
  const context = makeSystemContext(tenant, 'system:advance-rollout', lambda.awsRequestId);
  const { finished } = await advanceRollout(deps, context, rolloutId, generation);
  return { finished, waitSeconds: secondsToNextTick(Date.now(), env.OBSERVATION_LAG_SECONDS) };
}
