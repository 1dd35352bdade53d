import { type CallContext, isoTime } from '../../shared/call-context.ts';
import { ConcurrentChangeError, ConflictError } from '../../shared/domain-error.ts';
import { makeEvent } from '../../shared/event.ts';
import type { Permission } from '../../shared/permission.ts';
import type { Change, Store } from '../../shared/store.ts';
import { putTrash } from '../../shared/trash.ts';
import { ExperimentNotFoundError } from '../errors.ts';
import { ExperimentChanged } from '../events.ts';
import type { LifecycleStage } from '../runs/run.ts';
import { checkExperimentName, checkExperimentTag, type KeyValue } from '../validation.ts';
import { experimentNameTaken, isExperimentNameTaken } from './create-experiment.ts';
import {
  type Experiment,
  experimentKey,
  experimentNameKey,
  getExperiment,
  requireActive,
} from './experiment.ts';
import { chooseShards, doubleShards } from './shards.ts';

/** Ten people who tag one experiment at once all succeed. */
const MAX_ATTEMPTS = 10;

interface Step {
  readonly what: 'renamed' | 'tagged' | 'deleted' | 'restored' | 'shared' | 'spread';
  /** Answers the same object when there is nothing to change. */
  readonly change: (experiment: Experiment) => Experiment;
  /** @default EDIT */
  readonly needed?: Permission;
}

/** Reads an experiment, changes it and its copy under the name; repeats when somebody else was faster. */
export async function changeExperiment(
  store: Store,
  context: CallContext,
  experimentId: string,
  { what, change, needed = 'EDIT' }: Step,
): Promise<Experiment> {
  for (let attempt = 1; ; attempt++) {
    const { value: before, revision } = await getExperiment(store, context, experimentId, needed);
    const after = change(before);
    if (after === before) return before;
    const event = makeEvent(ExperimentChanged, context, {
      resource: `experiments/${before.experimentId}`,
      sequence: revision + 1,
      data: { experimentId: before.experimentId, change: what },
      before,
      after,
    });
    try {
      await store.commit([
        { put: experimentKey(context.tenant, before.experimentId), value: after, expect: revision },
        ...(await putCopy(store, context.tenant, before, after)),
        ...(after.deletedAt === undefined || after.deletedAt === before.deletedAt
          ? []
          : [putTrash(context, { ...trashOf(context, after), deletedAt: after.deletedAt })]),
        { emit: event },
      ]);
      return after;
    } catch (error) {
      if (isExperimentNameTaken(error)) throw experimentNameTaken(after.name);
      if (!(error instanceof ConcurrentChangeError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

function trashOf({ tenant }: CallContext, { experimentId }: Experiment) {
  return { tenant, kind: 'experiment', id: experimentId } as const;
}

async function putCopy(
  store: Store,
  tenant: string,
  before: Experiment,
  after: Experiment,
): Promise<Change[]> {
  const held = await store.get(experimentNameKey(tenant, before.name));
  if (held === undefined)
    throw new ConcurrentChangeError(`The experiment ${before.name} was renamed meanwhile.`);
  const put = experimentNameKey(tenant, after.name);
  if (after.name === before.name) return [{ put, value: after, expect: held.revision }];
  return [
    { remove: held.key, expect: held.revision },
    { put, value: after, expect: 'absent' },
  ];
}

/** Gives an active experiment another name. */
export async function renameExperiment(
  store: Store,
  context: CallContext,
  experimentId: string,
  name: string,
): Promise<void> {
  checkExperimentName(name);
  const change = (experiment: Experiment) => {
    if (experiment.lifecycleStage !== 'active') {
      throw new ConflictError('Cannot rename a non-active experiment.');
    }
    return { ...experiment, name, updatedAt: isoTime(context) };
  };
  await changeExperiment(store, context, experimentId, { what: 'renamed', change });
}

/** Sets a tag of an active experiment. */
export async function setExperimentTag(
  store: Store,
  context: CallContext,
  experimentId: string,
  { key, value }: KeyValue,
): Promise<void> {
  checkExperimentTag({ key, value });
  const change = (experiment: Experiment) => {
    requireActive(experiment);
    const tags = { ...experiment.tags, [key]: value };
    return { ...experiment, tags, shards: chooseShards(experiment.shards, tags) };
  };
  await changeExperiment(store, context, experimentId, { what: 'tagged', change });
}

/** Removes a tag of an active experiment; a missing one is an error, as in MLflow. */
export async function deleteExperimentTag(
  store: Store,
  context: CallContext,
  experimentId: string,
  key: string,
): Promise<void> {
  const change = (experiment: Experiment) => {
    requireActive(experiment);
    if (!Object.hasOwn(experiment.tags, key)) {
      const error = new ExperimentNotFoundError(experimentId);
      error.message = `No tag with name: ${key} in experiment with id ${experimentId}`;
      throw error;
    }
    const { [key]: _, ...tags } = experiment.tags;
    return { ...experiment, tags };
  };
  await changeExperiment(store, context, experimentId, { what: 'tagged', change });
}

/**
 * Deletes or restores an experiment and with it all of its runs (run-lifecycle.ts); one that is in that state
 * already counts as absent, as in MLflow.
 */
export async function moveExperiment(
  store: Store,
  context: CallContext,
  experimentId: string,
  lifecycleStage: LifecycleStage,
): Promise<void> {
  const change = (experiment: Experiment): Experiment => {
    if (experiment.lifecycleStage === lifecycleStage) throw new ExperimentNotFoundError(experimentId);
    const deletedAt = lifecycleStage === 'deleted' ? context.nowMs : undefined;
    const moves = experiment.moves + 1;
    return { ...experiment, lifecycleStage, moves, deletedAt, updatedAt: isoTime(context) };
  };
  const what = lifecycleStage === 'deleted' ? 'deleted' : 'restored';
  await changeExperiment(store, context, experimentId, { what, change, needed: 'MANAGE' });
}

/** Spreads new runs over more partitions, after one could not take all writes. */
export async function spreadExperiment(
  store: Store,
  context: CallContext,
  experimentId: string,
): Promise<void> {
  const change = (experiment: Experiment) => {
    const shards = doubleShards(experiment.shards);
    return shards === experiment.shards ? experiment : { ...experiment, shards };
  };
  await changeExperiment(store, context, experimentId, { what: 'spread', change });
}
