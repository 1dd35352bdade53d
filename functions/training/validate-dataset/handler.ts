import { readVersionRows } from '../../../adapters/duckdb/row-storage.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { runStep } from '../../../adapters/lambda/training-step.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { PROFILE_FILE } from '../../../domain/datasets/dataset-records.ts';
import { createTrainingDatasets } from '../../../domain/datasets/training-datasets.ts';
import type { Profile } from '../../../domain/shared/profile/profile.ts';
import { acceptVersion, findAcceptedBefore } from '../../../domain/training/accepted-versions.ts';
import { DatasetRefusedError } from '../../../domain/training/errors.ts';
import type { TrainingExecution } from '../../../domain/training/execution.ts';
import type { TrainingCall, TrainingDataset } from '../../../domain/training/ports.ts';
import { getTrainingDataset, recordStep } from '../../../domain/training/run-execution.ts';
import { requireUsable, validateRows } from '../../../domain/training/validate-rows.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const files = createArtifactStorage(env.DATASET_BUCKET_NAME);
const datasets = createTrainingDatasets(store);

interface ValidationCall extends TrainingCall {
  /** Whether the rows were read for this execution. */
  readonly wasBuilt?: boolean;
}

/** Checks the rows against what the pipeline expects and against the version before; errors end the execution. */
export async function handler(call: ValidationCall): Promise<void> {
  const { findings, dataset, pipeline } = await runStep(
    store,
    call,
    'ValidateDataset',
    async (context, execution) => {
      const version = await getTrainingDataset(datasets, call.tenant, execution);
      if (call.wasBuilt) await recordBuild(call.tenant, execution, version, context.nowMs);
      requireReady(version);
      const before = await findPrevious(call.tenant, execution.pipeline, version);
      const previous = before && (await readProfile(before));
      const table = await readVersionRows(files, version);
      const rows = { table, columns: version.columns, previous };
      const found = validateRows(rows, execution.settings, context.nowMs);
      const result = { rows: table.rows, findings: found, comparedWith: before?.version ?? null };
      return { result, output: { findings: found, dataset: version, pipeline: execution.pipeline } };
    },
  );
  requireUsable(findings, dataset.dataset, dataset.version);
  await acceptVersion(store, call.tenant, pipeline, { dataset: dataset.dataset, version: dataset.version });
}

/** What the pipeline accepted last, or, before it has accepted any, the version before. */
async function findPrevious(
  tenant: string,
  pipeline: string,
  { dataset, version }: TrainingDataset,
): Promise<TrainingDataset | undefined> {
  const accepted = await findAcceptedBefore(store, tenant, pipeline, { dataset, version });
  if (accepted === undefined) return datasets.findReadyBefore(tenant, dataset, version);
  return datasets.find(tenant, dataset, accepted);
}

/** The function that builds versions knows nothing of executions. */
async function recordBuild(
  tenant: string,
  { id, startedAt, createdAt }: TrainingExecution,
  { dataset, version, status, reasons, rows, digest }: TrainingDataset,
  nowMs: number,
): Promise<void> {
  const times = { startedAt: startedAt ?? createdAt, endedAt: new Date(nowMs).toISOString() };
  const result = { dataset, version, status, reasons, rows, digest };
  await recordStep(store, tenant, id, { name: 'BuildVersion', ...times, result });
}

function requireReady({ dataset, version, status, reasons }: TrainingDataset): void {
  if (status === 'READY') return;
  throw new DatasetRefusedError(
    [`Version ${version} of '${dataset}' is ${status}:`, ...reasons].join('\n'),
    reasons,
  );
}

async function readProfile({ prefix }: TrainingDataset): Promise<Profile | undefined> {
  const bytes = await files.read(`${prefix}${PROFILE_FILE}`);
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString()) as Profile);
}
