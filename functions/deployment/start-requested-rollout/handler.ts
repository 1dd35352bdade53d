import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { makeRolloutRunner } from '../../../adapters/stepfunctions/rollout-runner.ts';
import {
  type BusEvent,
  type ReactionOutcome,
  startRequestedRollout,
} from '../../../domain/deployment/start-requested-rollout.ts';
import { createRegistryReader } from '../../../domain/registry/read-registry.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const deps = {
  store,
  registry: createRegistryReader(store),
  runner: makeRolloutRunner({
    stateMachineArn: env.STATE_MACHINE_ARN,
    advanceFunctionName: env.ADVANCE_FUNCTION_NAME,
    removeFunctionName: env.DELETE_FUNCTION_NAME,
  }),
};

/** Approvals and rejections of the registry, and what platform teams ask for on the requests bus. */
export async function handler(event: BusEvent, lambda: Context): Promise<ReactionOutcome> {
  const outcome = await startRequestedRollout(
    deps,
    (tenant, actor) => makeSystemContext(tenant, actor, lambda.awsRequestId),
    event,
  );
  logger.info('reacted to event', { eventId: event.id, detailType: event['detail-type'], ...outcome });
  return outcome;
}
