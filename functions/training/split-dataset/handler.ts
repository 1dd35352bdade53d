import { readVersionRows } from '../../../adapters/duckdb/row-storage.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { runStep } from '../../../adapters/lambda/training-step.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createTrainingDatasets } from '../../../domain/datasets/training-datasets.ts';
import { WORK_FILES, workPrefix } from '../../../domain/training/execution-files.ts';
import type { TrainingCall } from '../../../domain/training/ports.ts';
import { type PreparedRows, prepareRows } from '../../../domain/training/prepare-rows.ts';
import { writeRowsFile } from '../../../domain/training/rows-file.ts';
import { getTrainingDataset } from '../../../domain/training/run-execution.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const files = createArtifactStorage(env.DATASET_BUCKET_NAME);
const datasets = createTrainingDatasets(store);

/** Cuts the rows by time, and puts them where every later step reads them in milliseconds. */
export async function handler(call: TrainingCall): Promise<void> {
  await runStep(store, call, 'SplitDataset', async (_context, execution) => {
    const version = await getTrainingDataset(datasets, call.tenant, execution);
    const table = await readVersionRows(files, version);
    const prepared = prepareRows(table, execution.settings, version.columns);
    await write(workPrefix(call.tenant, execution.id), prepared);
    const { features, fitting, trainingRows, holdOut } = prepared;
    const result = {
      features,
      trainingRows,
      validationRows: fitting.table.rows - trainingRows,
      holdOutRows: holdOut.table.rows,
      withoutLabel: table.rows - fitting.table.rows - holdOut.table.rows,
      validationFrom: toTime(prepared.validationFrom),
      holdOutFrom: toTime(prepared.holdOutFrom),
    };
    return { result, output: undefined };
  });
}

async function write(
  prefix: string,
  { fitting, trainingRows, holdOut, features, objective }: PreparedRows,
): Promise<void> {
  await Promise.all([
    files.write(
      `${prefix}${WORK_FILES.fitting}`,
      writeRowsFile({ rows: fitting, facts: { trainingRows, features } }),
    ),
    files.write(`${prefix}${WORK_FILES.holdOut}`, writeRowsFile({ rows: holdOut, facts: { objective } })),
  ]);
}

/** A column of numbers that are no times is a fair order too. */
function toTime(instant: number): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? String(instant) : date.toISOString();
}
