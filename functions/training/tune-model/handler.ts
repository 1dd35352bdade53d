import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { runStep } from '../../../adapters/lambda/training-step.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { WORK_FILES, workPrefix } from '../../../domain/training/execution-files.ts';
import { drawTrial, toTrialInput } from '../../../domain/training/fit-rows.ts';
import type { TrainingCall } from '../../../domain/training/ports.ts';
import { readRowsFile } from '../../../domain/training/rows-file.ts';
import { runTrial } from '../../../domain/training/run-trial.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const files = createArtifactStorage(env.DATASET_BUCKET_NAME);

/** One trial of the search: trains on the training rows, measures on the validation rows. */
export async function handler(call: TrainingCall & { readonly trial: number }): Promise<void> {
  await runStep(store, call, 'TuneModel', async (_context, { id, settings }) => {
    const bytes = await files.read(`${workPrefix(call.tenant, id)}${WORK_FILES.fitting}`);
    if (bytes === undefined) throw new Error('The split left no rows.');
    const input = toTrialInput(readRowsFile(bytes), settings);
    const trial = runTrial(input, drawTrial(settings, call.trial));
    return { result: { ...trial }, output: undefined };
  });
}
