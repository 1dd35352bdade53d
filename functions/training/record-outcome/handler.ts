import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createTrainingLog } from '../../../adapters/dynamodb/training-log.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createWorkFolders } from '../../../adapters/s3/training-work.ts';
import type { ApprovalState } from '../../../domain/registry/shapes.ts';
import type { TrainingCall } from '../../../domain/training/ports.ts';
import {
  type ExecutionEnd,
  endExecution,
  findStep,
  listSteps,
  recordStep,
} from '../../../domain/training/run-execution.ts';
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

interface OutcomeCall extends TrainingCall {
  /** Absent when the gate said no. */
  readonly registered?: { readonly version: number; readonly approval: ApprovalState };
}

/** Last state of `train-model`: SUCCEEDED with the version, or REJECTED_BY_GATE with the gate's reasons. */
export async function handler(call: OutcomeCall): Promise<{ status: string }> {
  const { tenant, actor, requestId, executionId, registered } = call;
  const context = makeSystemContext(tenant, actor, requestId);
  const steps = await listSteps(store, tenant, executionId);
  if (registered !== undefined) {
    const startedAt = findStep(steps, 'ExportModel')?.endedAt ?? new Date(context.nowMs).toISOString();
    const endedAt = new Date(context.nowMs).toISOString();
    const step = { name: 'RegisterModelVersion' as const, startedAt, endedAt, result: registered };
    await recordStep(store, tenant, executionId, step);
  }
  const reasons = (findStep(steps, 'EvaluateModel')?.result.reasons ?? []) as readonly string[];
  const end: ExecutionEnd =
    registered === undefined
      ? { status: 'REJECTED_BY_GATE', reasons }
      : { status: 'SUCCEEDED', modelVersion: registered.version, approval: registered.approval };
  const { value } = await endExecution(deps, context, executionId, end);
  return { status: value.status };
}
