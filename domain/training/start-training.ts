import { type CallContext, isoTime } from '../shared/call-context.ts';
import { AlreadyExistsError, ConflictError, NotFoundError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Item, Key, Store } from '../shared/store.ts';
import { TrainingStarted } from './events.ts';
import {
  type ExecutionTrigger,
  eventFacts,
  executionKey,
  executionsList,
  getExecution,
  type TrainingExecution,
  toCall,
} from './execution.ts';
import { getPipeline, type TrainingPipeline } from './manage-pipelines.ts';
import type { TrainingDatasets, TrainingRunner } from './ports.ts';
import { beginRunning } from './running-executions.ts';

export interface StartDependencies {
  readonly store: Store;
  readonly datasets: TrainingDatasets;
  readonly runner: TrainingRunner;
}

/** Rows that are there, or rows that an endpoint saw and whose outcome is known. */
export type TrainingSource =
  | { readonly kind: 'existing'; readonly version: number | 'latest' }
  | {
      readonly kind: 'captures';
      readonly endpoint: string;
      readonly from: string;
      readonly to: string;
      /** Whether they come after the rows of the newest READY version. */
      readonly append: boolean;
    };

export interface StartRequest {
  readonly pipeline: string;
  readonly source: TrainingSource;
  readonly trigger: ExecutionTrigger;
  readonly cause: string | null;
  /** The same key starts once and answers the same execution. */
  readonly idempotencyKey?: string | undefined;
}

export interface StartedTraining {
  readonly executionId: string;
  readonly dataset: string;
  readonly datasetVersion: number;
}

/** For other capabilities: starts an execution and tells what it trains on. */
export async function startTraining(
  deps: StartDependencies,
  context: CallContext,
  request: StartRequest,
): Promise<StartedTraining> {
  const { value } = await startExecution(deps, context, request);
  return { executionId: value.id, dataset: value.dataset, datasetVersion: value.datasetVersion };
}

/**
 * Records an execution as PENDING and starts the machine. Dying in between is mended by a repeat with the same
 * key, or by the reconciler.
 *
 * @throws NotFoundError for pipeline or dataset version, ConflictError for a version that was refused
 */
export async function startExecution(
  deps: StartDependencies,
  context: CallContext,
  request: StartRequest,
): Promise<Item<TrainingExecution>> {
  const started = await findStarted(deps.store, context.tenant, request.idempotencyKey);
  const item = started ?? (await createExecution(deps, context, request));
  await deps.runner.start(toCall(context.tenant, item.value));
  return item;
}

async function createExecution(
  deps: StartDependencies,
  context: CallContext,
  request: StartRequest,
): Promise<Item<TrainingExecution>> {
  const { value: pipeline } = await getPipeline(deps.store, context.tenant, request.pipeline);
  const datasetVersion = await resolveVersion(deps.datasets, context, pipeline, request.source);
  const value = makeExecution(context, pipeline, datasetVersion, request);
  try {
    await deps.store.commit(toChanges(context, value, request.idempotencyKey));
  } catch (error) {
    const winner = await findStarted(deps.store, context.tenant, request.idempotencyKey);
    if (error instanceof AlreadyExistsError && winner !== undefined) return winner;
    throw error;
  }
  return { key: executionKey(context.tenant, value.id), value, revision: 1 };
}

async function resolveVersion(
  datasets: TrainingDatasets,
  context: CallContext,
  { dataset, label, timeColumn }: TrainingPipeline,
  source: TrainingSource,
): Promise<number> {
  if (source.kind === 'captures') {
    const { endpoint, from, to, append } = source;
    return datasets.addCaptures(context, dataset, {
      endpoint,
      from,
      to,
      append,
      label: label.column,
      timeColumn,
    });
  }
  const found = await datasets.find(context.tenant, dataset, source.version);
  if (found === undefined) throw new NotFoundError('dataset version', `${dataset}/${source.version}`);
  if (found.status === 'REFUSED') {
    throw new ConflictError(
      `Version ${found.version} of '${dataset}' was refused: ${found.reasons.join(' ')}`,
    );
  }
  return found.version;
}

function makeExecution(
  context: CallContext,
  pipeline: TrainingPipeline,
  datasetVersion: number,
  { trigger, cause }: StartRequest,
): TrainingExecution {
  const { name, createdAt: _, createdBy: __, updatedAt: ___, ...settings } = pipeline;
  const now = isoTime(context);
  return {
    id: context.newId('exe'),
    pipeline: name,
    model: settings.model,
    dataset: settings.dataset,
    datasetVersion,
    status: 'PENDING',
    reason: null,
    reasons: [],
    trigger,
    cause,
    champion: null,
    modelVersion: null,
    approval: null,
    metrics: {},
    runId: null,
    startedAt: null,
    endedAt: null,
    settings,
    createdAt: now,
    createdBy: context.actor,
    updatedAt: now,
  };
}

function toChanges(context: CallContext, value: TrainingExecution, startKey: string | undefined): Change[] {
  const { id, pipeline, createdAt, trigger, cause } = value;
  const data = { ...eventFacts(value), trigger, cause };
  const resource = `training-executions/${id}`;
  return [
    {
      put: executionKey(context.tenant, id),
      value,
      expect: 'absent',
      placement: { list: executionsList(pipeline), sort: createdAt },
    },
    beginRunning(context.tenant, value),
    ...(startKey === undefined
      ? []
      : [
          {
            put: startedKey(context.tenant, startKey),
            value: { executionId: id },
            expect: 'absent' as const,
          },
        ]),
    { emit: makeEvent(TrainingStarted, context, { resource, sequence: 1, data }) },
  ];
}

function startedKey(tenant: string, idempotencyKey: string): Key {
  return { tenant, kind: 'training-start', id: idempotencyKey };
}

async function findStarted(
  store: Store,
  tenant: string,
  idempotencyKey: string | undefined,
): Promise<Item<TrainingExecution> | undefined> {
  if (idempotencyKey === undefined) return undefined;
  const found = await store.get<{ executionId: string }>(startedKey(tenant, idempotencyKey));
  return found && getExecution(store, tenant, found.value.executionId);
}
