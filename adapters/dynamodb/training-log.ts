import { createHash } from 'node:crypto';
import type { CallContext } from '../../domain/shared/call-context.ts';
import { AlreadyExistsError } from '../../domain/shared/domain-error.ts';
import type { Store } from '../../domain/shared/store.ts';
import { toArtifactKey, toRunArtifactPath } from '../../domain/tracking/artifacts/artifact-path.ts';
import { ExperimentNotFoundError, RunNotFoundError } from '../../domain/tracking/errors.ts';
import { createExperiment } from '../../domain/tracking/experiments/create-experiment.ts';
import { getExperimentByName } from '../../domain/tracking/experiments/experiment.ts';
import type { RunStore } from '../../domain/tracking/ports.ts';
import { createRun } from '../../domain/tracking/runs/create-run.ts';
import { logBatch } from '../../domain/tracking/runs/log-batch.ts';
import { logInputs } from '../../domain/tracking/runs/log-inputs.ts';
import { getRun, updateRun } from '../../domain/tracking/runs/manage-runs.ts';
import { formatRunId } from '../../domain/tracking/runs/run-id.ts';
import type { LogEntries, LoggedExecution, TrainingLog } from '../../domain/training/ports.ts';

/** Executions as MLflow runs, in an experiment that is called as the pipeline. */
export function createTrainingLog(store: Store, runs: RunStore): TrainingLog {
  return {
    begin: (context, execution) => beginRun(store, runs, context, execution),
    log: (context, runId, entries) => logEntries(runs, context, runId, entries),
    end: async (context, runId, status) => {
      const run = await getRun(runs, context, runId);
      if (run.status !== 'RUNNING') return;
      await updateRun(runs, context, runId, { status, endTime: context.nowMs });
    },
    findArtifactPrefix: async (tenant, runId) => {
      const stored = await runs.find(tenant, runId);
      if (stored === undefined) throw new RunNotFoundError(runId);
      return `${toArtifactKey({ tenant }, toRunArtifactPath(stored.run.artifactUri, undefined))}/`;
    },
  };
}

/** The id follows from the execution, so that a repeat of the step finds the run of the first try. */
async function beginRun(
  store: Store,
  runs: RunStore,
  context: CallContext,
  { id, pipeline, createdAt }: LoggedExecution,
): Promise<string> {
  const experimentId = await ensureExperiment(store, context, pipeline);
  const digest = createHash('sha256').update(id).digest().subarray(0, 8);
  // The last byte chooses the shard, which must not follow from what the experiment has at the moment.
  digest[digest.length - 1] = 0;
  const startTime = Date.parse(createdAt);
  const runId = formatRunId({ startTime, shard: 0, experimentId }, digest);
  if ((await runs.find(context.tenant, runId)) !== undefined) return runId;
  const randomBytes = () => digest;
  const run = await createRun({ store, runs, randomBytes }, context, {
    experimentId,
    name: id,
    userId: context.actor,
    startTime,
    tags: [{ key: 'perennial.trainingExecution', value: id }],
  });
  return run.runId;
}

async function ensureExperiment(store: Store, context: CallContext, name: string): Promise<string> {
  const find = async () => (await getExperimentByName(store, context, name)).experimentId;
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof ExperimentNotFoundError)) throw error;
  }
  try {
    return (await createExperiment(store, context, { name })).experimentId;
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    return find();
  }
}

/** MLflow's limit; ours is a SHA-256 of 64 digits, of which the source has all. */
const MLFLOW_DIGEST_LENGTH = 36;

async function logEntries(
  runs: RunStore,
  context: CallContext,
  runId: string,
  { params = {}, metrics = {}, tags = {}, dataset }: LogEntries,
): Promise<void> {
  await logBatch(runs, context, runId, {
    params: toPairs(params),
    tags: toPairs(tags),
    metrics: Object.entries(metrics).map(([key, value]) => ({
      key,
      value,
      timestamp: context.nowMs,
      step: 0,
    })),
  });
  if (dataset === undefined) return;
  const { name, version, digest } = dataset;
  const source = JSON.stringify({ dataset: name, version, digest });
  const logged = { name, digest: digest.slice(0, MLFLOW_DIGEST_LENGTH), source_type: 'perennial', source };
  const use = [{ key: 'mlflow.data.context', value: 'training' }];
  await logInputs(runs, context, runId, [{ tags: use, dataset: logged }]);
}

function toPairs(record: Readonly<Record<string, string>>) {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}
