import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createTrainingLog } from '../../../adapters/dynamodb/training-log.ts';
import { type Answer, createApi } from '../../../adapters/lambda/api.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createWorkFolders } from '../../../adapters/s3/training-work.ts';
import { createTrainingRunner } from '../../../adapters/stepfunctions/training-runner.ts';
import { createTrainingDatasets } from '../../../domain/datasets/training-datasets.ts';
import type { Item } from '../../../domain/shared/store.ts';
import { trainingRoutes } from '../../../domain/training/contract.ts';
import {
  executionsList,
  getExecution,
  type TrainingExecution,
  toExecutionView,
} from '../../../domain/training/execution.ts';
import {
  createPipeline,
  deletePipeline,
  getPipeline,
  listPipelines,
  putPipeline,
  type TrainingPipeline,
} from '../../../domain/training/manage-pipelines.ts';
import { listSteps, stopExecution } from '../../../domain/training/run-execution.ts';
import { startExecution } from '../../../domain/training/start-training.ts';
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
  datasets: createTrainingDatasets(store),
  runner: createTrainingRunner(env.STATE_MACHINE_ARN),
};

export const handler = createApi(
  trainingRoutes,
  {
    listTrainingPipelines: async ({ context, query }) => {
      const page = await listPipelines(store, context.tenant, query);
      return { body: { ...page, items: page.items.map(toPipelineView) } };
    },
    createTrainingPipeline: async ({ context, body }) =>
      answerPipeline(await createPipeline(store, context, body)),
    getTrainingPipeline: async ({ context, params }) =>
      answerPipeline(await getPipeline(store, context.tenant, params.name)),
    putTrainingPipeline: async ({ context, params, body, ifMatch }) =>
      answerPipeline(await putPipeline(store, context, params.name, body, ifMatch)),
    deleteTrainingPipeline: async ({ context, params, ifMatch }) => {
      await deletePipeline(store, context, params.name, ifMatch);
      return {};
    },
    startTrainingExecution: async ({ context, params, body }) => {
      const execution = await startExecution(deps, context, {
        pipeline: params.name,
        source: { kind: 'existing', version: body.datasetVersion },
        trigger: 'request',
        cause: body.reason ?? null,
      });
      return answerExecution(execution);
    },
    listTrainingExecutions: async ({ context, params, query }) => {
      await getPipeline(store, context.tenant, params.name);
      const page = await store.list<TrainingExecution>(context.tenant, executionsList(params.name), query);
      return { body: { ...page, items: page.items.map((item) => toExecutionView(item)) } };
    },
    getTrainingExecution: async ({ context, params }) =>
      answerExecution(await getExecution(store, context.tenant, params.id)),
    stopTrainingExecution: async ({ context, params, body }) =>
      answerExecution(await stopExecution(deps, context, params.id, body?.reason)),
  },
  { idempotency: { store } },
);

function toPipelineView({ value, revision }: Item<TrainingPipeline>) {
  return { ...value, revision };
}

function answerPipeline(item: Item<TrainingPipeline>): Answer {
  return { body: toPipelineView(item), revision: item.revision };
}

async function answerExecution(item: Item<TrainingExecution>): Promise<Answer> {
  const steps = await listSteps(store, item.key.tenant, item.value.id);
  return { body: toExecutionView(item, steps), revision: item.revision };
}
