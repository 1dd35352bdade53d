import { type CallContext, isoTime } from '../../shared/call-context.ts';
import { AlreadyExistsError, ConcurrentChangeError } from '../../shared/domain-error.ts';
import { makeEvent } from '../../shared/event.ts';
import type { Change, Key, Store } from '../../shared/store.ts';
import { checkArtifactLocation } from '../artifacts/artifact-location.ts';
import { ExperimentCreated } from '../events.ts';
import { checkExperimentName, checkExperimentTag, type KeyValue } from '../validation.ts';
import { defaultArtifactLocation, type Experiment, experimentKey, experimentNameKey } from './experiment.ts';
import { chooseShards } from './shards.ts';

export interface ExperimentInput {
  readonly name: string;
  readonly artifactLocation?: string | undefined;
  readonly tags?: readonly KeyValue[] | undefined;
}

interface Counter {
  readonly last: number;
  /** When the last one was created: a list by number is then a list by time, too. */
  readonly lastMs: number;
}

/** MLflow's fluent API logs here when nothing else was said; every tenant has it from its creation. */
const DEFAULT_EXPERIMENT = { experimentId: '0', name: 'Default' };
/** Numbers are given out one by one; this many callers at once find one each. */
const MAX_ATTEMPTS = 20;

function counterKey(tenant: string): Key {
  return { tenant, kind: 'counter', id: 'experiments' };
}

/** The changes that give a new tenant MLflow's experiment 0. */
export function seedDefaultExperiment(context: CallContext): Change[] {
  const { experimentId, name } = DEFAULT_EXPERIMENT;
  const value: Counter = { last: 0, lastMs: context.nowMs };
  return [
    ...putNew(context, makeExperiment(context, experimentId, { name })),
    { put: counterKey(context.tenant), value, expect: 'absent' },
  ];
}

/** Creates an experiment under the next number; a name has one winner. */
export async function createExperiment(
  store: Store,
  context: CallContext,
  input: ExperimentInput,
): Promise<Experiment> {
  checkArtifactLocation(input.artifactLocation ?? '');
  checkExperimentName(input.name);
  for (const tag of input.tags ?? []) checkExperimentTag(tag);
  for (let attempt = 1; ; attempt++) {
    const counter = await store.get<Counter>(counterKey(context.tenant));
    const last = (counter?.value.last ?? 0) + 1;
    const lastMs = Math.max(context.nowMs, (counter?.value.lastMs ?? 0) + 1);
    const experiment = makeExperiment({ ...context, nowMs: lastMs }, String(last), input);
    const count: Counter = { last, lastMs };
    try {
      await store.commit([
        { put: counterKey(context.tenant), value: count, expect: counter?.revision ?? 'absent' },
        ...putNew(context, experiment),
      ]);
      return experiment;
    } catch (error) {
      if (isExperimentNameTaken(error)) throw experimentNameTaken(input.name);
      if (!isLostRace(error) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

function isLostRace(error: unknown): boolean {
  return error instanceof ConcurrentChangeError || error instanceof AlreadyExistsError;
}

function makeExperiment(context: CallContext, experimentId: string, input: ExperimentInput): Experiment {
  const createdAt = isoTime(context);
  const tags = Object.fromEntries((input.tags ?? []).map(({ key, value }) => [key, value]));
  return {
    experimentId,
    name: input.name,
    artifactLocation: input.artifactLocation || defaultArtifactLocation(experimentId),
    lifecycleStage: 'active',
    moves: 0,
    shards: chooseShards(1, tags),
    tags,
    createdAt,
    createdBy: context.actor,
    updatedAt: createdAt,
  };
}

function putNew(context: CallContext, experiment: Experiment): Change[] {
  const { experimentId, name } = experiment;
  const event = { resource: `experiments/${experimentId}`, sequence: 1, data: { experimentId, name } };
  return [
    { put: experimentNameKey(context.tenant, name), value: experiment, expect: 'absent' },
    { put: experimentKey(context.tenant, experimentId), value: experiment, expect: 'absent' },
    { emit: makeEvent(ExperimentCreated, context, event) },
  ];
}

/** Whether a commit failed because another experiment has the name. */
export function isExperimentNameTaken(error: unknown): boolean {
  return (
    error instanceof AlreadyExistsError && (error.details.key as Key | undefined)?.kind === 'experiment-name'
  );
}

export function experimentNameTaken(name: string): AlreadyExistsError {
  const error = new AlreadyExistsError('experiment', name);
  error.message = `Experiment(name=${name}) already exists.`;
  return error;
}
