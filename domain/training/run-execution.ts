import { type CallContext, isoTime } from '../shared/call-context.ts';
import { ConcurrentChangeError, NotFoundError } from '../shared/domain-error.ts';
import { makeEvent, type PlatformEvent } from '../shared/event.ts';
import type { Change, Item, Key, Store } from '../shared/store.ts';
import { EXECUTION_STEPS } from './contract.ts';
import { TrainingEndedError } from './errors.ts';
import { ModelTrained, TrainingFailed, TrainingRejected, TrainingStopped } from './events.ts';
import {
  type ExecutionStep,
  eventFacts,
  executionKey,
  getExecution,
  hasEnded,
  putExecution,
  STEP_PREFIX,
  type StepName,
  type TrainingExecution,
} from './execution.ts';
import type { TrainingDataset, TrainingDatasets, TrainingLog, TrainingRunner, WorkFolders } from './ports.ts';
import { endRunning } from './running-executions.ts';

export interface ExecutionDependencies {
  readonly store: Store;
  readonly log: TrainingLog;
  readonly work: WorkFolders;
}

/** What the machine has to know of an execution: no more than it decides by. */
export interface ExecutionPlan {
  /** Whether the rows have to be read first. */
  readonly needsBuild: boolean;
  readonly dataset: string;
  readonly datasetVersion: number;
  readonly trials: number;
  readonly concurrency: number;
}

/**
 * Begins an execution: RUNNING, with its run in MLflow.
 *
 * @throws TrainingEndedError when it was stopped meanwhile
 */
export async function beginExecution(
  deps: Omit<ExecutionDependencies, 'work'> & { readonly datasets: TrainingDatasets },
  context: CallContext,
  id: string,
): Promise<ExecutionPlan> {
  const item = await getRunning(deps.store, context.tenant, id);
  const { dataset, datasetVersion, settings } = item.value;
  const version = await deps.datasets.find(context.tenant, dataset, datasetVersion);
  if (version === undefined) throw new NotFoundError('dataset version', `${dataset}/${datasetVersion}`);
  if (item.value.status === 'PENDING') {
    const runId = await deps.log.begin(context, item.value);
    const now = isoTime(context);
    const value = { ...item.value, status: 'RUNNING' as const, runId, startedAt: now, updatedAt: now };
    await deps.store.commit([putExecution(item, value)]);
  }
  return {
    needsBuild: version.status === 'PENDING' || version.status === 'CHECKING',
    dataset,
    datasetVersion,
    trials: settings.search.trials,
    concurrency: settings.search.concurrency,
  };
}

/** @throws NotFoundError, TrainingEndedError */
export async function getRunning(store: Store, tenant: string, id: string): Promise<Item<TrainingExecution>> {
  const item = await getExecution(store, tenant, id);
  if (hasEnded(item.value)) throw new TrainingEndedError(`The execution ${id} is ${item.value.status}.`);
  return item;
}

/** Keeps what a step found; `trial` tells the repeats of one step apart. */
export async function recordStep(
  store: Store,
  tenant: string,
  id: string,
  step: ExecutionStep,
  trial?: number,
): Promise<void> {
  const order = String(EXECUTION_STEPS.indexOf(step.name)).padStart(2, '0');
  const suffix = trial === undefined ? '' : `#${String(trial).padStart(3, '0')}`;
  const key: Key = {
    ...executionKey(tenant, id),
    part: `${STEP_PREFIX}${order}#${step.name}${suffix}`,
  };
  const known = await store.get(key);
  await store.commit([{ put: key, value: step, expect: known?.revision ?? 'absent' }]);
}

/** Steps in the order of the machine, trials in theirs. */
export async function listSteps(store: Store, tenant: string, id: string): Promise<ExecutionStep[]> {
  const page = await store.listParts<ExecutionStep>(executionKey(tenant, id), STEP_PREFIX, {
    limit: 200,
    ascending: true,
  });
  return page.items.map(({ value }) => value);
}

export function findStep(steps: readonly ExecutionStep[], name: StepName): ExecutionStep | undefined {
  return steps.find((step) => step.name === name);
}

/** How an execution ends. */
export type ExecutionEnd =
  | {
      readonly status: 'SUCCEEDED';
      readonly modelVersion: number;
      readonly approval: NonNullable<TrainingExecution['approval']>;
    }
  | { readonly status: 'REJECTED_BY_GATE'; readonly reasons: readonly string[] }
  | { readonly status: 'FAILED' | 'STOPPED'; readonly reason: string; readonly reasons: readonly string[] };

const RUN_STATUS = {
  SUCCEEDED: 'FINISHED',
  REJECTED_BY_GATE: 'FINISHED',
  FAILED: 'FAILED',
  STOPPED: 'KILLED',
} as const;

const MAX_ATTEMPTS = 5;

/** Ends an execution, its event in the same transaction; the first end counts, later ones change nothing. */
export async function endExecution(
  deps: ExecutionDependencies,
  context: CallContext,
  id: string,
  end: ExecutionEnd,
): Promise<Item<TrainingExecution>> {
  for (let attempt = 1; ; attempt++) {
    const item = await getExecution(deps.store, context.tenant, id);
    if (hasEnded(item.value)) return item;
    const value = await toEnded(deps.store, context, item.value, end);
    // The run first: an execution that has ended is not looked at again, and ending a run twice changes nothing.
    if (value.runId !== null) await deps.log.end(context, value.runId, RUN_STATUS[end.status]);
    try {
      await deps.store.commit(toChanges(context, item, value, end));
      // Rows must not outlive what they were copied for.
      await deps.work.remove(context.tenant, id);
      return { ...item, value, revision: item.revision + 1 };
    } catch (error) {
      if (!(error instanceof ConcurrentChangeError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function toEnded(
  store: Store,
  context: CallContext,
  value: TrainingExecution,
  end: ExecutionEnd,
): Promise<TrainingExecution> {
  const now = isoTime(context);
  const evaluated = findStep(await listSteps(store, context.tenant, value.id), 'EvaluateModel')?.result;
  const known = {
    metrics: (evaluated?.metrics ?? {}) as Record<string, number>,
    champion: (evaluated?.champion ?? null) as number | null,
  };
  const ended = { ...value, ...known, status: end.status, endedAt: now, updatedAt: now };
  if (end.status === 'SUCCEEDED') {
    return { ...ended, modelVersion: end.modelVersion, approval: end.approval };
  }
  const reason =
    end.status === 'REJECTED_BY_GATE' ? `The gate stopped it: ${end.reasons.join(' ')}` : end.reason;
  return { ...ended, reason: reason.slice(0, 2000), reasons: [...end.reasons] };
}

function toChanges(
  context: CallContext,
  item: Item<TrainingExecution>,
  value: TrainingExecution,
  end: ExecutionEnd,
): Change[] {
  const event = toEvent(context, value, end, item.revision + 1);
  return [putExecution(item, value), endRunning(context.tenant, value), { emit: event }];
}

function toEvent(
  context: CallContext,
  value: TrainingExecution,
  end: ExecutionEnd,
  sequence: number,
): PlatformEvent {
  const base = { resource: `training-executions/${value.id}`, sequence };
  const { champion, metrics, runId } = value;
  const facts = eventFacts(value);
  if (end.status === 'SUCCEEDED') {
    const { modelVersion, approval } = end;
    const data = { ...facts, modelVersion, approval, champion, metrics, runId };
    return makeEvent(ModelTrained, context, { ...base, data });
  }
  if (end.status === 'REJECTED_BY_GATE') {
    const data = { ...facts, reasons: [...end.reasons], champion, metrics, runId };
    return makeEvent(TrainingRejected, context, { ...base, data });
  }
  const { reason } = end;
  if (end.status === 'STOPPED') {
    return makeEvent(TrainingStopped, context, { ...base, data: { ...facts, reason } });
  }
  return makeEvent(TrainingFailed, context, {
    ...base,
    data: { ...facts, reason, reasons: [...end.reasons], runId },
  });
}

/**
 * Stops an execution that has not ended; what it found so far stays.
 *
 * @throws NotFoundError, TrainingEndedError
 */
export async function stopExecution(
  deps: ExecutionDependencies & { readonly runner: TrainingRunner },
  context: CallContext,
  id: string,
  reason = 'Stopped by a caller.',
): Promise<Item<TrainingExecution>> {
  await getRunning(deps.store, context.tenant, id);
  const ended = await endExecution(deps, context, id, { status: 'STOPPED', reason, reasons: [] });
  await deps.runner.stop(id, reason);
  return ended;
}

/** The dataset version of an execution. @throws NotFoundError */
export async function getTrainingDataset(
  datasets: TrainingDatasets,
  tenant: string,
  { dataset, datasetVersion }: TrainingExecution,
): Promise<TrainingDataset> {
  const found = await datasets.find(tenant, dataset, datasetVersion);
  if (found === undefined) throw new NotFoundError('dataset version', `${dataset}/${datasetVersion}`);
  return found;
}
