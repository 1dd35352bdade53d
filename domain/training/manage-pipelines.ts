import { type CallContext, isoTime } from '../shared/call-context.ts';
import {
  ConflictError,
  type FieldError,
  InvalidInputError,
  NotFoundError,
  PreconditionFailedError,
} from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Key, Page, PageRequest, Store } from '../shared/store.ts';
import { TrainingPipelineCreated, TrainingPipelineDeleted, TrainingPipelineUpdated } from './events.ts';
import { resolveGbdtOptions } from './gbdt/options.ts';
import { BINARY_METRICS, type Metric, REGRESSION_METRICS } from './metrics/metric.ts';
import type { PipelineInput } from './pipeline-contract.ts';
import { isTraining } from './running-executions.ts';
import { type SearchSpace, sampleTrials } from './search-space.ts';

export interface TrainingPipeline extends PipelineInput {
  readonly name: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

const LIST = 'training-pipelines';

function pipelineKey(tenant: string, name: string): Key {
  return { tenant, kind: 'training-pipeline', id: name };
}

/** @throws NotFoundError */
export async function getPipeline(
  store: Store,
  tenant: string,
  name: string,
): Promise<Item<TrainingPipeline>> {
  const item = await store.get<TrainingPipeline>(pipelineKey(tenant, name));
  if (item === undefined) throw new NotFoundError('training pipeline', name);
  return item;
}

export function listPipelines(
  store: Store,
  tenant: string,
  page: PageRequest,
): Promise<Page<Item<TrainingPipeline>>> {
  return store.list<TrainingPipeline>(tenant, LIST, page);
}

/** @throws AlreadyExistsError, InvalidInputError */
export async function createPipeline(
  store: Store,
  context: CallContext,
  { name, ...input }: PipelineInput & { readonly name: string },
): Promise<Item<TrainingPipeline>> {
  checkPipeline(input);
  const now = isoTime(context);
  const value = { ...input, name, createdAt: now, createdBy: context.actor, updatedAt: now };
  const key = pipelineKey(context.tenant, name);
  const event = { resource: `training-pipelines/${name}`, sequence: 1, data: { pipeline: name } };
  await store.commit([
    { put: key, value, expect: 'absent', placement: { list: LIST, sort: now } },
    { emit: makeEvent(TrainingPipelineCreated, context, { ...event, after: input }) },
  ]);
  return { key, value, revision: 1 };
}

/**
 * Replaces a pipeline's settings, or creates it; executions under way keep the settings they started with.
 *
 * @throws InvalidInputError, PreconditionFailedError
 */
export async function putPipeline(
  store: Store,
  context: CallContext,
  name: string,
  input: PipelineInput,
  ifMatch?: number,
): Promise<Item<TrainingPipeline>> {
  checkPipeline(input);
  const current = await store.get<TrainingPipeline>(pipelineKey(context.tenant, name));
  checkIfMatch(ifMatch, current?.revision ?? 0);
  if (current === undefined) return createPipeline(store, context, { ...input, name });
  const { createdAt, createdBy, name: _, updatedAt: __, ...before } = current.value;
  const value = { ...input, name, createdAt, createdBy, updatedAt: isoTime(context) };
  const revision = current.revision + 1;
  const event = { resource: `training-pipelines/${name}`, sequence: revision, data: { pipeline: name } };
  await store.commit([
    { put: current.key, value, expect: current.revision, placement: { list: LIST, sort: createdAt } },
    { emit: makeEvent(TrainingPipelineUpdated, context, { ...event, before, after: input }) },
  ]);
  return { key: current.key, value, revision };
}

/** @throws NotFoundError, PreconditionFailedError, ConflictError while an execution runs */
export async function deletePipeline(
  store: Store,
  context: CallContext,
  name: string,
  ifMatch?: number,
): Promise<void> {
  const { key, revision } = await getPipeline(store, context.tenant, name);
  checkIfMatch(ifMatch, revision);
  if (await isTraining(store, context.tenant, name)) {
    throw new ConflictError(`The pipeline '${name}' is training; stop its executions first.`);
  }
  const event = { resource: `training-pipelines/${name}`, sequence: revision + 1, data: { pipeline: name } };
  await store.commit([
    { remove: key, expect: revision },
    { emit: makeEvent(TrainingPipelineDeleted, context, event) },
  ]);
}

function checkIfMatch(ifMatch: number | undefined, revision: number): void {
  if (ifMatch === undefined || ifMatch === revision) return;
  throw new PreconditionFailedError(`The pipeline has revision ${revision}, not ${ifMatch}.`);
}

/** What the shapes alone cannot say: settings that would make every execution fail. */
function checkPipeline(input: PipelineInput): void {
  resolveGbdtOptions(input.search.fixed as Parameters<typeof resolveGbdtOptions>[0]);
  sampleTrials(0, 0, input.search.space as SearchSpace | undefined);
  const errors = [...checkColumns(input), ...checkMetrics(input), ...checkSplit(input)];
  if (errors.length > 0) throw new InvalidInputError('The pipeline is not valid.', errors);
}

function checkColumns({ features, label, timeColumn }: PipelineInput): FieldError[] {
  return [label.column, timeColumn].flatMap((name) =>
    features?.includes(name)
      ? [{ path: 'features', message: `must not contain '${name}', the label or the time` }]
      : [],
  );
}

function checkMetrics({ task, search, gate }: PipelineInput): FieldError[] {
  const known: readonly Metric[] = task === 'classification' ? BINARY_METRICS : REGRESSION_METRICS;
  const named = [
    ...(search.metric === undefined ? [] : [{ path: 'search.metric', metric: search.metric }]),
    ...gate.thresholds.map(({ metric }, index) => ({ path: `gate.thresholds[${index}].metric`, metric })),
  ];
  return named
    .filter(({ metric }) => !known.includes(metric))
    .map(({ path, metric }) => ({ path, message: `'${metric}' is no metric of a ${task}` }));
}

function checkSplit({ split }: PipelineInput): FieldError[] {
  if ('validationFrom' in split) {
    if (split.validationFrom < split.holdOutFrom) return [];
    return [{ path: 'split.holdOutFrom', message: 'must be after validationFrom' }];
  }
  const { validationShare, holdOutShare } = split;
  if (validationShare > 0 && holdOutShare > 0 && validationShare + holdOutShare < 1) return [];
  return [{ path: 'split', message: 'shares must be above 0 and below 1 together' }];
}
