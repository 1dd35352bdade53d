import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createTrainingLog } from '../../../adapters/dynamodb/training-log.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { runStep } from '../../../adapters/lambda/training-step.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createTrainingDatasets } from '../../../domain/datasets/training-datasets.ts';
import { createRegistryReader } from '../../../domain/registry/read-registry.ts';
import type { CallContext } from '../../../domain/shared/call-context.ts';
import type { TrainingExecution } from '../../../domain/training/execution.ts';
import { WORK_FILES, workPrefix } from '../../../domain/training/execution-files.ts';
import { toTrialInput } from '../../../domain/training/fit-rows.ts';
import type { GbdtModel } from '../../../domain/training/gbdt/model.ts';
import { writeModelFile } from '../../../domain/training/model-file.ts';
import type { TrainingCall } from '../../../domain/training/ports.ts';
import { readRowsFile } from '../../../domain/training/rows-file.ts';
import { getTrainingDataset, listSteps } from '../../../domain/training/run-execution.ts';
import { chooseTrial, fitChosen, type TrialResult } from '../../../domain/training/run-trial.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const runs = createRunStore({
  trackingTableName: env.TRACKING_TABLE_NAME,
  platformTableName: env.PLATFORM_TABLE_NAME,
});
const files = createArtifactStorage(env.DATASET_BUCKET_NAME);
const log = createTrainingLog(store, runs);
const datasets = createTrainingDatasets(store);
const registry = createRegistryReader(store);

/** Fits the best trial once more on all rows but the hold-out, and finds the version to beat. */
export async function handler(call: TrainingCall): Promise<{ hasChampion: boolean }> {
  return runStep(store, call, 'TrainModel', async (context, execution) => {
    const prefix = workPrefix(call.tenant, execution.id);
    const bytes = await files.read(`${prefix}${WORK_FILES.fitting}`);
    if (bytes === undefined) throw new Error('The split left no rows.');
    const steps = await listSteps(store, call.tenant, execution.id);
    const trials = steps.filter(({ name }) => name === 'TuneModel').map(({ result }) => result);
    const chosen = chooseTrial(trials as unknown as TrialResult[]);
    const model = fitChosen(toTrialInput(readRowsFile(bytes), execution.settings), chosen);
    await files.write(`${prefix}${WORK_FILES.model}`, writeModelFile(model), 'application/json');
    const champion = await registry.findChampion(call.tenant, execution.model);
    if (champion !== undefined) {
      const { version, artifactPrefix, signature } = champion;
      const text = JSON.stringify({ version, artifactPrefix, signature });
      await files.write(`${prefix}${WORK_FILES.champion}`, Buffer.from(text), 'application/json');
    }
    await logChoice(context, execution, chosen);
    const result = {
      trial: chosen.index,
      options: chosen.options,
      trees: model.trees.length,
      importance: importanceOf(model),
      champion: champion?.version ?? null,
    };
    return { result, output: { hasChampion: champion !== undefined } };
  });
}

async function logChoice(
  context: CallContext,
  execution: TrainingExecution,
  { options, index, rounds }: TrialResult,
): Promise<void> {
  if (execution.runId === null) return;
  const { dataset, version, digest } = await getTrainingDataset(datasets, context.tenant, execution);
  const chosen = { ...options, rounds, trial: index };
  await log.log(context, execution.runId, {
    params: Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, String(value)])),
    dataset: { name: dataset, version, digest: digest ?? 'unknown' },
  });
}

function importanceOf({ features, importance }: GbdtModel): Record<string, number> {
  return Object.fromEntries(features.map(({ name }, i) => [name, importance[i] ?? 0]));
}
