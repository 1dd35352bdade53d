import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { scoreTable } from '../../../adapters/onnx/score-table.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createOrtSession } from '../../../adapters/serving/ort-session.ts';
import { ServedModel } from '../../../domain/serving/served-model.ts';
import { DomainError } from '../../../domain/shared/domain-error.ts';
import { parseSignature } from '../../../domain/shared/signature.ts';
import { WORK_FILES, workPrefix } from '../../../domain/training/execution-files.ts';
import type { Objective } from '../../../domain/training/gbdt/model.ts';
import { readRowsFile } from '../../../domain/training/rows-file.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const files = createArtifactStorage(env.DATASET_BUCKET_NAME);
const models = createArtifactStorage(env.ARTIFACT_BUCKET_NAME);

interface Champion {
  readonly version: number;
  readonly artifactPrefix: string;
  readonly signature: unknown;
}

/**
 * Has the champion answer the hold-out. It may be a model that somebody handed in, so this function reads and
 * writes working files and nothing else; how it ends badly is told as the reason why there is no comparison.
 */
export async function handler(call: {
  readonly tenant: string;
  readonly executionId: string;
}): Promise<void> {
  const prefix = workPrefix(call.tenant, call.executionId);
  const [champion, rows] = await Promise.all([
    files.read(`${prefix}${WORK_FILES.champion}`),
    files.read(`${prefix}${WORK_FILES.holdOut}`),
  ]);
  if (champion === undefined || rows === undefined) throw new Error('There is no champion or no hold-out.');
  const { rows: holdOut, facts } = readRowsFile(rows);
  const answer = await score(JSON.parse(Buffer.from(champion).toString()) as Champion, async (model) =>
    Array.from(await scoreTable(model, holdOut.table, facts.objective as Objective)),
  );
  const text = JSON.stringify(answer);
  await files.write(`${prefix}${WORK_FILES.championScores}`, Buffer.from(text), 'application/json');
}

async function score(
  { artifactPrefix, signature }: Champion,
  run: (model: ServedModel) => Promise<number[]>,
): Promise<{ scores: number[] } | { problem: string }> {
  try {
    const bytes = await models.read(`${artifactPrefix}model.onnx`);
    if (bytes === undefined) return { problem: 'Its files are gone.' };
    const model = new ServedModel(parseSignature(signature), await createOrtSession(bytes));
    return { scores: await run(model) };
  } catch (error) {
    if (error instanceof DomainError) return { problem: error.message };
    throw error;
  }
}
