import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { makeRolloutRunner } from '../../../adapters/stepfunctions/rollout-runner.ts';
import { type Reconciled, reconcileDeployments } from '../../../domain/deployment/reconcile-deployments.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  runner: makeRolloutRunner({
    stateMachineArn: env.STATE_MACHINE_ARN,
    advanceFunctionName: env.ADVANCE_FUNCTION_NAME,
    removeFunctionName: env.DELETE_FUNCTION_NAME,
  }),
};

/** Every minute: takes up rollouts and deletions that an outage interrupted. Nothing to do is the normal case. */
export async function handler(_event: unknown, lambda: Context): Promise<Reconciled> {
  const reconciled = await reconcileDeployments(deps, (tenant) =>
    makeSystemContext(tenant, 'system:reconcile-deployments', lambda.awsRequestId),
  );
  const { restartedRollouts, restartedDeletions } = reconciled;
  if (restartedRollouts.length + restartedDeletions.length > 0) {
    logger.warn('interrupted work was taken up', { restartedRollouts, restartedDeletions });
  }
  return reconciled;
}
