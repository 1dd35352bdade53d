import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createTrainingLog } from '../../../adapters/dynamodb/training-log.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createWorkFolders } from '../../../adapters/s3/training-work.ts';
import { createTrainingRunner } from '../../../adapters/stepfunctions/training-runner.ts';
import { type Reconciled, reconcileExecutions } from '../../../domain/training/reconcile-executions.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const runs = createRunStore({
  trackingTableName: env.TRACKING_TABLE_NAME,
  platformTableName: env.PLATFORM_TABLE_NAME,
});
const deps = {
  store,
  log: createTrainingLog(store, runs),
  work: createWorkFolders(createArtifactStorage(env.DATASET_BUCKET_NAME)),
  runner: createTrainingRunner(env.STATE_MACHINE_ARN),
};

/** Every minute: gives executions that an outage interrupted a defined end. Nothing to do is the normal case. */
export async function handler(_event: unknown, lambda: Context): Promise<Reconciled> {
  const reconciled = await reconcileExecutions(deps, ({ tenant }) =>
    makeSystemContext(tenant, 'system:reconcile-executions', lambda.awsRequestId),
  );
  if (reconciled.restarted.length + reconciled.failed.length > 0) {
    logger.warn('interrupted trainings were found', { ...reconciled });
  }
  return reconciled;
}
