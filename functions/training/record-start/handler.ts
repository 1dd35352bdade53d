import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createTrainingLog } from '../../../adapters/dynamodb/training-log.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { createTrainingDatasets } from '../../../domain/datasets/training-datasets.ts';
import type { TrainingCall } from '../../../domain/training/ports.ts';
import { beginExecution, type ExecutionPlan } from '../../../domain/training/run-execution.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const runs = createRunStore({
  trackingTableName: env.TRACKING_TABLE_NAME,
  platformTableName: env.PLATFORM_TABLE_NAME,
});
const deps = { store, log: createTrainingLog(store, runs), datasets: createTrainingDatasets(store) };

/** First state of `train-model`: RUNNING, with a run in MLflow, and what the machine decides by. */
export async function handler({
  tenant,
  actor,
  requestId,
  executionId,
}: TrainingCall): Promise<ExecutionPlan> {
  return beginExecution(deps, makeSystemContext(tenant, actor, requestId), executionId);
}
