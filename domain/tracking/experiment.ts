import { type CallContext, isoTime } from '../shared/call-context.ts';
import { AlreadyExistsError, ConcurrentChangeError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Item, Key, Page, PageRequest, Store } from '../shared/store.ts';
import { ExperimentNotFoundError, InvalidParameterError } from './errors.ts';
import { ExperimentCreated } from './events.ts';
import type { LifecycleStage } from './run.ts';
import { checkExperimentName, type KeyValue } from './validation.ts';

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

export interface ExperimentInput {
  readonly name: string;
  readonly artifactLocation?: string | undefined;
  readonly tags?: readonly KeyValue[] | undefined;
}

/** MLflow's fluent API logs here when nothing else was said; every tenant has it from its creation. */
const DEFAULT_EXPERIMENT = { experimentId: '0', name: 'Default' };
/** Numbers are given out one by one; this many callers at once find one each. */
const MAX_ATTEMPTS = 20;

function experimentKey(tenant: string, experimentId: string): Key {
  return { tenant, kind: 'experiment', id: experimentId };
}

/** Holds the name: names are unique among active and deleted experiments. */
function nameKey(tenant: string, name: string): Key {
  return { tenant, kind: 'experiment-name', id: name };
}

function counterKey(tenant: string): Key {
  return { tenant, kind: 'counter', id: 'experiments' };
}

/** The changes that give a new tenant MLflow's experiment 0. */
export function seedDefaultExperiment(context: CallContext): Change[] {
  return [
    ...putNew(
      context,
      makeExperiment(context, DEFAULT_EXPERIMENT.experimentId, { name: DEFAULT_EXPERIMENT.name }),
    ),
    { put: counterKey(context.tenant), value: { last: 0 }, expect: 'absent' },
  ];
}

/** Creates an experiment under the next number; a name has one winner. */
export async function createExperiment(
  store: Store,
  context: CallContext,
  input: ExperimentInput,
): Promise<Experiment> {
  checkExperimentName(input.name);
  for (let attempt = 1; ; attempt++) {
    const counter = await store.get<{ last: number }>(counterKey(context.tenant));
    const number = (counter?.value.last ?? 0) + 1;
    const experiment = makeExperiment(context, String(number), input);
    try {
      await store.commit([
        { put: counterKey(context.tenant), value: { last: number }, expect: counter?.revision ?? 'absent' },
        ...putNew(context, experiment),
      ]);
      return experiment;
    } catch (error) {
      if (isNameTaken(error)) throw nameTaken(input.name);
      if (
        !(error instanceof ConcurrentChangeError || error instanceof AlreadyExistsError) ||
        attempt === MAX_ATTEMPTS
      )
        throw error;
    }
  }
}

function makeExperiment(context: CallContext, experimentId: string, input: ExperimentInput): Experiment {
  const createdAt = isoTime(context);
  return {
    experimentId,
    name: input.name,
    artifactLocation: input.artifactLocation || `mlflow-artifacts:/${experimentId}`,
    lifecycleStage: 'active',
    tags: Object.fromEntries((input.tags ?? []).map(({ key, value }) => [key, value])),
    createdAt,
    createdBy: context.actor,
    updatedAt: createdAt,
  };
}

function putNew(context: CallContext, experiment: Experiment): Change[] {
  const { experimentId, name, createdAt } = experiment;
  const event = { resource: `experiments/${experimentId}`, sequence: 1, data: { experimentId, name } };
  return [
    { put: nameKey(context.tenant, name), value: { experimentId }, expect: 'absent' },
    placed(context.tenant, experiment, 'absent', createdAt),
    { emit: makeEvent(ExperimentCreated, context, event) },
  ];
}

function placed(
  tenant: string,
  experiment: Experiment,
  expect: 'absent' | number,
  createdAt: string,
): Change {
  const placement = { list: 'experiments', sort: createdAt };
  return { put: experimentKey(tenant, experiment.experimentId), value: experiment, expect, placement };
}

function isNameTaken(error: unknown): boolean {
  return (
    error instanceof AlreadyExistsError && (error.details.key as Key | undefined)?.kind === 'experiment-name'
  );
}

function nameTaken(name: string): AlreadyExistsError {
  const error = new AlreadyExistsError('experiment', name);
  error.message = `Experiment(name=${name}) already exists.`;
  return error;
}

/** The experiment, active or deleted. */
export async function getExperiment(
  store: Store,
  tenant: string,
  experimentId: string,
): Promise<Item<Experiment>> {
  const item = await store.get<Experiment>(experimentKey(tenant, experimentId));
  if (item === undefined) throw new ExperimentNotFoundError(experimentId);
  return item;
}

/** The experiment of that name, active or deleted. */
export async function getExperimentByName(
  store: Store,
  tenant: string,
  name: string,
): Promise<Item<Experiment>> {
  const held = await store.get<{ experimentId: string }>(nameKey(tenant, name));
  if (held !== undefined) return getExperiment(store, tenant, held.value.experimentId);
  const error = new ExperimentNotFoundError(name);
  error.message = `Could not find experiment with name '${name}'`;
  throw error;
}

/** The tenant's experiments, newest first. */
export function listExperiments(
  store: Store,
  tenant: string,
  page: PageRequest,
): Promise<Page<Item<Experiment>>> {
  return store.list<Experiment>(tenant, 'experiments', page);
}

/** @throws InvalidParameterError when the experiment is deleted */
export function requireActive({ experimentId, lifecycleStage }: Experiment): void {
  if (lifecycleStage === 'active') return;
  throw new InvalidParameterError(
    `The experiment ${experimentId} must be in the 'active' state. Current state is ${lifecycleStage}.`,
  );
}

/** Gives an active experiment another name. */
export async function renameExperiment(
  store: Store,
  context: CallContext,
  experimentId: string,
  name: string,
): Promise<void> {
  checkExperimentName(name);
  const item = await getExperiment(store, context.tenant, experimentId);
  requireActive(item.value);
  if (item.value.name === name) return;
  const held = await store.get(nameKey(context.tenant, item.value.name));
  const renamed = { ...item.value, name, updatedAt: isoTime(context) };
  await store
    .commit([
      ...(held === undefined ? [] : [{ remove: held.key, expect: held.revision }]),
      { put: nameKey(context.tenant, name), value: { experimentId }, expect: 'absent' },
      placed(context.tenant, renamed, item.revision, item.value.createdAt),
    ])
    .catch((error: unknown) => {
      throw isNameTaken(error) ? nameTaken(name) : error;
    });
}

/** Sets a tag of an active experiment. */
export async function setExperimentTag(
  store: Store,
  context: CallContext,
  experimentId: string,
  tag: KeyValue,
): Promise<void> {
  const item = await getExperiment(store, context.tenant, experimentId);
  requireActive(item.value);
  const tagged = { ...item.value, tags: { ...item.value.tags, [tag.key]: tag.value } };
  await store.commit([placed(context.tenant, tagged, item.revision, item.value.createdAt)]);
}

/** Deletes or restores an experiment; one that is in that state already counts as absent, as in MLflow. */
export async function moveExperiment(
  store: Store,
  context: CallContext,
  experimentId: string,
  to: LifecycleStage,
): Promise<void> {
  const item = await getExperiment(store, context.tenant, experimentId);
  if (item.value.lifecycleStage === to) throw new ExperimentNotFoundError(experimentId);
  const moved = { ...item.value, lifecycleStage: to, updatedAt: isoTime(context) };
  await store.commit([placed(context.tenant, moved, item.revision, item.value.createdAt)]);
}
