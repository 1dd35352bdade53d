import { createHash } from 'node:crypto';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createTrainingLog } from '../../../adapters/dynamodb/training-log.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { runStep } from '../../../adapters/lambda/training-step.ts';
import { exportModel } from '../../../adapters/onnx/export-model.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import type { RegisterTrainedInput } from '../../../domain/registry/workflow-shapes.ts';
import type { TrainingExecution } from '../../../domain/training/execution.ts';
import { MODEL_FOLDER, WORK_FILES, workPrefix } from '../../../domain/training/execution-files.ts';
import { readModelFile } from '../../../domain/training/model-file.ts';
import type { TrainingCall } from '../../../domain/training/ports.ts';
import { readRowsFile } from '../../../domain/training/rows-file.ts';
import { findStep, listSteps } from '../../../domain/training/run-execution.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const runs = createRunStore({
  trackingTableName: env.TRACKING_TABLE_NAME,
  platformTableName: env.PLATFORM_TABLE_NAME,
});
const files = createArtifactStorage(env.DATASET_BUCKET_NAME);
const artifacts = createArtifactStorage(env.ARTIFACT_BUCKET_NAME);
const log = createTrainingLog(store, runs);

/** Writes the model as ONNX, has onnxruntime prove that it answers as the trainer does, and uploads it. */
export async function handler(call: TrainingCall): Promise<{ registration: Registration }> {
  return runStep(store, call, 'ExportModel', async (_context, execution) => {
    const folder = workPrefix(call.tenant, execution.id);
    const [model, fitting, holdOut] = await Promise.all(
      [WORK_FILES.model, WORK_FILES.fitting, WORK_FILES.holdOut].map((name) => read(`${folder}${name}`)),
    );
    const exported = await exportModel(
      readModelFile(model!),
      readRowsFile(fitting!).rows.table,
      readRowsFile(holdOut!).rows.table,
    );
    const prefix = await findPrefix(call, execution);
    for (const [path, bytes] of Object.entries(exported.files)) {
      await artifacts.write(`${prefix}${path}`, bytes, typeOf(path));
    }
    const result = {
      digest: createHash('sha256').update(exported.files['model.onnx']!).digest('hex'),
      bytes: exported.files['model.onnx']!.length,
      rowsCompared: exported.rowsCompared,
      maxDifference: exported.maxDifference,
    };
    return { result, output: { registration: await toRegistration(call, execution, prefix) } };
  });
}

type Registration = Omit<RegisterTrainedInput, 'tenant' | 'actor' | 'requestId'>;

async function toRegistration(
  call: TrainingCall,
  { id, pipeline, model, dataset, datasetVersion, runId, settings, cause }: TrainingExecution,
  prefix: string,
): Promise<Registration> {
  const evaluated = findStep(await listSteps(store, call.tenant, id), 'EvaluateModel')?.result;
  const champion = (evaluated?.champion ?? undefined) as number | undefined;
  return {
    model,
    prefix,
    task: settings.task,
    metrics: (evaluated?.metrics ?? {}) as Record<string, number>,
    description: `Trained by ${pipeline}${cause === null ? '' : `: ${cause}`}`.slice(0, 5000),
    lineage: {
      datasetVersion: { dataset, version: datasetVersion },
      trainingExecution: id,
      ...(runId === null ? {} : { runId }),
      ...(champion === undefined ? {} : { champion }),
    },
  };
}

/** Below the run's artifacts, where MLflow's clients find it too. */
async function findPrefix(call: TrainingCall, { id, runId }: TrainingExecution): Promise<string> {
  if (runId === null) throw new Error(`The execution ${id} has no run.`);
  return `${await log.findArtifactPrefix(call.tenant, runId)}${MODEL_FOLDER}`;
}

function typeOf(path: string): string {
  return path.endsWith('.json') ? 'application/json' : 'application/octet-stream';
}

async function read(key: string): Promise<Uint8Array> {
  const bytes = await files.read(key);
  if (bytes === undefined) throw new Error(`A step before left no ${key.slice(key.lastIndexOf('/') + 1)}.`);
  return bytes;
}
