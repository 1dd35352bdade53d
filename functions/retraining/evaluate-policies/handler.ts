import type { Context } from 'aws-lambda';
import { createLabelJoin } from '../../../adapters/duckdb/label-join.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createTrainingRunner } from '../../../adapters/stepfunctions/training-runner.ts';
import { createTrainingDatasets } from '../../../domain/datasets/training-datasets.ts';
import { readEndpoints } from '../../../domain/deployment/read-endpoints.ts';
import { listQualityViolations } from '../../../domain/monitoring/evaluate-drift.ts';
import {
  handleRequest,
  handleTrigger,
  revisitOpenTriggers,
} from '../../../domain/retraining/handle-trigger.ts';
import type { RetrainingWorld } from '../../../domain/retraining/ports.ts';
import { type BusEvent, readBusEvent } from '../../../domain/retraining/read-bus-event.ts';
import { isTraining } from '../../../domain/training/running-executions.ts';
import { startTraining } from '../../../domain/training/start-training.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const endpoints = readEndpoints(store);
const labels = createLabelJoin(createArtifactStorage(env.CAPTURE_BUCKET_NAME));
const training = {
  store,
  datasets: createTrainingDatasets(store),
  runner: createTrainingRunner(env.TRAIN_MODEL_STATE_MACHINE_ARN),
};

const world: RetrainingWorld = {
  findEndpoint: async (tenant, name) => {
    const endpoint = await endpoints.find(tenant, name);
    return endpoint && { version: endpoint.version, rolloutRunning: endpoint.rolloutRunning };
  },
  listQualityViolations: (tenant, endpoint) => listQualityViolations(store, tenant, endpoint),
  countLabels: (tenant, endpoint, fromMs, toMs) => labels.count({ tenant, endpoint }, fromMs, toMs),
  isTraining: (tenant, pipeline) => isTraining(store, tenant, pipeline),
  startTraining: (context, { pipeline, endpoint, from, to, append, idempotencyKey, cause }) => {
    const source = { kind: 'captures' as const, endpoint, from, to, append };
    return startTraining(training, context, { pipeline, source, trigger: 'policy', cause, idempotencyKey });
  },
};
const deps = { store, world };

/**
 * What happened to an endpoint, what a platform team asks for, and on a schedule what still waits for its
 * conditions. An event that is none of these changes nothing.
 */
export async function handler(event: BusEvent, lambda: Context): Promise<{ readonly started: number }> {
  const contextOf = (tenant: string) =>
    makeSystemContext(tenant, 'system:evaluate-policies', lambda.awsRequestId);
  if (event.source === 'aws.events') return { started: await revisitOpenTriggers(deps, contextOf) };
  const cause = readBusEvent(event);
  if (cause === undefined) {
    logger.warn('event without a meaning for retraining', { id: event.id, source: event.source });
    return { started: 0 };
  }
  const context = contextOf(cause.tenant);
  const evaluations =
    'policy' in cause
      ? [await handleRequest(deps, context, cause.policy, cause.trigger)]
      : await handleTrigger(deps, context, cause.endpoint, cause.trigger);
  return { started: evaluations.filter((evaluation) => evaluation?.decision === 'STARTED').length };
}
