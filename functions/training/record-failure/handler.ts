import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createTrainingLog } from '../../../adapters/dynamodb/training-log.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createWorkFolders } from '../../../adapters/s3/training-work.ts';
import { explainFailure, type StateFailure } from '../../../domain/training/explain-failure.ts';
import type { TrainingCall } from '../../../domain/training/ports.ts';
import { endExecution } from '../../../domain/training/run-execution.ts';
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
};

interface FailureCall extends TrainingCall {
  /** The state that failed. */
  readonly step: string;
  readonly failure: StateFailure;
}

/** Where `train-model` ends when a state failed for good, or the rows were refused: FAILED, with the reason. */
export async function handler(call: FailureCall): Promise<{ reason: string }> {
  const { tenant, actor, requestId, executionId, step, failure } = call;
  const context = makeSystemContext(tenant, actor, requestId);
  const explained = explainFailure(step, failure);
  await endExecution(deps, context, executionId, { status: 'FAILED', ...explained });
  return { reason: explained.reason };
}
