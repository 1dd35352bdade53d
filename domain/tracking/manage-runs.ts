import type { CallContext } from '../shared/call-context.ts';
import { ConcurrentChangeError } from '../shared/domain-error.ts';
import { makeEvent, type PlatformEvent } from '../shared/event.ts';
import type { Store } from '../shared/store.ts';
import { InvalidParameterError, RunNotFoundError } from './errors.ts';
import { RunFinished } from './events.ts';
import { getExperiment, requireActive } from './experiment.ts';
import { changeRun, getActiveRun } from './log-batch.ts';
import type { RunStore } from './ports.ts';
import {
  type DatasetInput,
  formatRunId,
  type LifecycleStage,
  RUN_NAME_TAG,
  type Run,
  type RunStatus,
} from './run.ts';
import { makeRunName } from './run-name.ts';
import type { KeyValue } from './validation.ts';

export interface RunDependencies {
  readonly store: Store;
  readonly runs: RunStore;
  readonly randomBytes: (size: number) => Uint8Array;
}

export interface RunInput {
  readonly experimentId: string;
  readonly name?: string | undefined;
  readonly userId?: string | undefined;
  readonly startTime?: number | undefined;
  readonly tags: readonly KeyValue[];
}

/** Starts a run in an active experiment. */
export async function createRun(deps: RunDependencies, context: CallContext, input: RunInput): Promise<Run> {
  const { value: experiment } = await getExperiment(deps.store, context.tenant, input.experimentId);
  requireActive(experiment);
  const tags = Object.fromEntries(input.tags.map(({ key, value }) => [key, value]));
  const random = deps.randomBytes(8);
  const name = chooseName(input.name, tags[RUN_NAME_TAG], random);
  const startTime = input.startTime ?? context.nowMs;
  const runId = formatRunId(startTime, experiment.experimentId, random);
  const run: Run = {
    runId,
    experimentId: experiment.experimentId,
    name,
    userId: input.userId ?? 'unknown',
    status: 'RUNNING',
    startTime,
    artifactUri: `${experiment.artifactLocation}/${runId}/artifacts`,
    lifecycleStage: 'active',
    params: {},
    tags: { ...tags, [RUN_NAME_TAG]: name },
    latest: {},
    inputs: [],
  };
  await deps.runs.create(context.tenant, run);
  return run;
}

function chooseName(name: string | undefined, tag: string | undefined, random: Uint8Array): string {
  if (name && tag && name !== tag) {
    throw new InvalidParameterError(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${name}', mlflow.runName='${tag}').`,
    );
  }
  return name || tag || makeRunName(random);
}

export interface RunUpdate {
  readonly status?: RunStatus | undefined;
  readonly endTime?: number | undefined;
  readonly name?: string | undefined;
}

const FINAL_STATUSES: readonly RunStatus[] = ['FINISHED', 'FAILED', 'KILLED'];

/** Updates what is given; reaching a final status emits RunFinished in the same transaction. */
export async function updateRun(
  runs: RunStore,
  context: CallContext,
  runId: string,
  update: RunUpdate,
): Promise<Run> {
  const { run, revision } = await getActiveRun(runs, context, runId);
  const name = update.name || run.name;
  const changed: Run = {
    ...run,
    status: update.status ?? run.status,
    endTime: update.endTime ?? run.endTime,
    name,
    tags: { ...run.tags, [RUN_NAME_TAG]: name },
  };
  const finished = changed.status !== run.status && FINAL_STATUSES.includes(changed.status);
  const event = finished ? makeFinishedEvent(context, changed, revision + 1) : undefined;
  await runs.save(context.tenant, changed, revision, event);
  return changed;
}

function makeFinishedEvent(context: CallContext, run: Run, sequence: number): PlatformEvent {
  const { runId, experimentId, name, startTime, endTime } = run;
  const status = run.status as 'FINISHED' | 'FAILED' | 'KILLED';
  const data = { runId, experimentId, name, status, startTime, endTime };
  return makeEvent(RunFinished, context, {
    resource: `experiments/${experimentId}/runs/${runId}`,
    sequence,
    data,
  });
}

/** The run, active or deleted. */
export async function getRun(runs: RunStore, tenant: string, runId: string): Promise<Run> {
  const found = await runs.find(tenant, runId);
  if (found === undefined) throw new RunNotFoundError(runId);
  return found.run;
}

/** Deletes or restores a run; doing it twice changes nothing. */
export async function moveRun(
  runs: RunStore,
  context: CallContext,
  runId: string,
  to: LifecycleStage,
): Promise<void> {
  const found = await runs.find(context.tenant, runId);
  if (found === undefined) throw new RunNotFoundError(runId);
  if (found.run.lifecycleStage === to) return;
  await runs.save(context.tenant, { ...found.run, lifecycleStage: to }, found.revision);
}

/** Removes a tag; a missing one is an error, as in MLflow. */
export async function deleteRunTag(
  runs: RunStore,
  context: CallContext,
  runId: string,
  key: string,
): Promise<void> {
  await changeRun(runs, context, runId, (run) => {
    const { [key]: removed, ...tags } = run.tags;
    if (removed === undefined) {
      const error = new RunNotFoundError(runId);
      error.message = `No tag with name: ${key} in run with id ${runId}`;
      throw error;
    }
    return { ...run, tags };
  });
}

/** Adds the datasets a run used; one that is known by name and digest stays as it is. */
export async function logInputs(
  runs: RunStore,
  context: CallContext,
  runId: string,
  inputs: readonly DatasetInput[],
): Promise<void> {
  const identity = ({ dataset }: DatasetInput) => `${dataset.name}#${dataset.digest}`;
  await changeRun(runs, context, runId, (run) => {
    const known = new Set(run.inputs.map(identity));
    const added = inputs.filter((input) => !known.has(identity(input)));
    return added.length === 0 ? run : { ...run, inputs: [...run.inputs, ...added] };
  });
}

/** Deleting an experiment deletes its runs, restoring it restores them all. */
export async function moveRunsOfExperiment(
  runs: RunStore,
  context: CallContext,
  experimentId: string,
  to: LifecycleStage,
): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await runs.listRuns(context.tenant, experimentId, { limit: 100, cursor });
    for (const { runId } of page.items) await retryOnce(() => moveRun(runs, context, runId, to));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** A run that was logged to between read and write is read again. */
async function retryOnce(move: () => Promise<void>): Promise<void> {
  await move().catch((error: unknown) => {
    if (error instanceof ConcurrentChangeError) return move();
    throw error;
  });
}
