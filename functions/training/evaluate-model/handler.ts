import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createTrainingLog } from '../../../adapters/dynamodb/training-log.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { runStep } from '../../../adapters/lambda/training-step.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import type { CallContext } from '../../../domain/shared/call-context.ts';
import {
  type CandidateEvaluation,
  type ChampionAnswer,
  evaluateCandidate,
} from '../../../domain/training/evaluate-candidate.ts';
import { WORK_FILES, workPrefix } from '../../../domain/training/execution-files.ts';
import { explainFailure, type StateFailure } from '../../../domain/training/explain-failure.ts';
import { predict } from '../../../domain/training/gbdt/model.ts';
import { readModelFile } from '../../../domain/training/model-file.ts';
import type { TrainingCall } from '../../../domain/training/ports.ts';
import { readRowsFile } from '../../../domain/training/rows-file.ts';
import { summarizeEvaluation } from '../../../domain/training/summarize-evaluation.ts';
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

interface EvaluationCall extends TrainingCall {
  /** How scoring the champion failed, when it did. */
  readonly championFailure?: StateFailure;
}

/** Measures the candidate on the hold-out beside the champion and asks the gate; no is an answer. */
export async function handler(call: EvaluationCall): Promise<{ passed: boolean }> {
  return runStep(store, call, 'EvaluateModel', async (context, { id, settings, runId }) => {
    const prefix = workPrefix(call.tenant, id);
    const model = readModelFile(await read(`${prefix}${WORK_FILES.model}`));
    const holdOut = readRowsFile(await read(`${prefix}${WORK_FILES.holdOut}`)).rows;
    const champion = await findAnswer(prefix, call.championFailure);
    const evaluated = evaluateCandidate(settings, holdOut, predict(model, holdOut.table), champion);
    if (runId !== null) await logEvaluation(context, runId, evaluated);
    const result = summarizeEvaluation(evaluated, champion);
    return { result, output: { passed: evaluated.decision.passed } };
  });
}

async function findAnswer(
  prefix: string,
  failure: StateFailure | undefined,
): Promise<ChampionAnswer | undefined> {
  const champion = await files.read(`${prefix}${WORK_FILES.champion}`);
  if (champion === undefined) return undefined;
  const { version } = parse(champion) as { version: number };
  const answer = await files.read(`${prefix}${WORK_FILES.championScores}`);
  if (failure !== undefined || answer === undefined) {
    return { version, problem: explainFailure('ScoreChampion', failure ?? {}).reason };
  }
  const { scores, problem } = parse(answer) as { scores?: number[]; problem?: string };
  if (scores === undefined) return { version, problem: problem ?? 'It gave no answer.' };
  return { version, scores: Float64Array.from(scores) };
}

/** The whole evaluation is an artifact of the run: slices may be many. */
async function logEvaluation(
  context: CallContext,
  runId: string,
  { evaluation, comparison, decision }: CandidateEvaluation,
): Promise<void> {
  const folder = await log.findArtifactPrefix(context.tenant, runId);
  const text = JSON.stringify({ evaluation, comparison, decision });
  await artifacts.write(`${folder}evaluation.json`, Buffer.from(text), 'application/json');
  const championValue = comparison?.overall?.champion;
  await log.log(context, runId, {
    metrics: {
      ...evaluation.metrics,
      ...(championValue === undefined ? {} : { [`champion_${comparison?.overall?.metric}`]: championValue }),
    },
    tags: { 'perennial.gate': decision.passed ? 'passed' : 'rejected' },
  });
}

async function read(key: string): Promise<Uint8Array> {
  const bytes = await files.read(key);
  if (bytes === undefined) throw new Error(`A step before left no ${key.slice(key.lastIndexOf('/') + 1)}.`);
  return bytes;
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}
