import { createHash } from 'node:crypto';
import type { CallContext } from '../../shared/call-context.ts';
import { type Grants, type Guarded, type Permission, requirePermission } from '../../shared/permission.ts';
import type { Item, Key, Page, PageRequest, Store } from '../../shared/store.ts';
import { ExperimentNotFoundError, InvalidParameterError } from '../errors.ts';
import type { LifecycleStage } from '../runs/run.ts';

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  /** How often it was deleted or restored; its runs follow by this count (run-lifecycle.ts). */
  readonly moves: number;
  /** Epoch milliseconds. */
  readonly deletedAt?: number | undefined;
  /** Partitions that new runs are spread over: more than one only when it was too hot for one. */
  readonly shards: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly grants?: Grants | undefined;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

/** All experiments of a tenant are in one partition, so that a list is read as consistently as one of them. */
const EXPERIMENTS = { kind: 'tracking', id: 'experiments' } as const;
/** Ten digits keep numbers in order as text. */
const ID_DIGITS = 10;

export function experimentKey(tenant: string, experimentId: string): Key {
  return { tenant, ...EXPERIMENTS, part: experimentId.padStart(ID_DIGITS, '0') };
}

/**
 * Holds the name, which is unique among active and deleted experiments, and a copy of the experiment: MLflow's
 * client gets one by name before every run, and that is one read. Hashed, as names may be longer than keys.
 */
export function experimentNameKey(tenant: string, name: string): Key {
  return { tenant, kind: 'experiment-name', id: createHash('sha256').update(name).digest('hex') };
}

/** Where an experiment's artifacts lie unless another place was chosen: nothing else lies there. */
export function defaultArtifactLocation(experimentId: string): string {
  return `mlflow-artifacts:/${experimentId}`;
}

/** The experiment as permissions see it. */
export function guardExperiment({ experimentId, grants }: Experiment): Guarded {
  return { resource: `experiments/${experimentId}`, grants };
}

/** The experiment, active or deleted. @throws ExperimentNotFoundError, ForbiddenError */
export async function getExperiment(
  store: Store,
  context: CallContext,
  experimentId: string,
  needed: Permission = 'READ',
): Promise<Item<Experiment>> {
  const item = await store.get<Experiment>(experimentKey(context.tenant, checkExperimentId(experimentId)));
  if (item === undefined) throw new ExperimentNotFoundError(experimentId);
  requirePermission(context, guardExperiment(item.value), needed);
  return item;
}

/** The experiment of that name, active or deleted. @throws ExperimentNotFoundError, ForbiddenError */
export async function getExperimentByName(
  store: Store,
  context: CallContext,
  name: string,
): Promise<Experiment> {
  const held = await store.get<Experiment>(experimentNameKey(context.tenant, name));
  if (held !== undefined) {
    requirePermission(context, guardExperiment(held.value), 'READ');
    return held.value;
  }
  const error = new ExperimentNotFoundError(name);
  error.message = `Could not find experiment with name '${name}'`;
  throw error;
}

/** The tenant's experiments, newest first; consistent. */
export function listExperiments(
  store: Store,
  tenant: string,
  page: PageRequest,
): Promise<Page<Item<Experiment>>> {
  return store.listParts<Experiment>({ tenant, ...EXPERIMENTS }, '', page);
}

/** @throws InvalidParameterError when the experiment is deleted */
export function requireActive({ experimentId, lifecycleStage }: Experiment): void {
  if (lifecycleStage === 'active') return;
  throw new InvalidParameterError(
    `The experiment ${experimentId} must be in the 'active' state. Current state is ${lifecycleStage}.`,
  );
}

/** MLflow's SQL store numbers experiments, and refuses any other text. */
export function checkExperimentId(experimentId: string): string {
  if (/^-?\d+$/.test(experimentId)) return experimentId;
  throw new InvalidParameterError(
    `Invalid experiment ID '${experimentId}'. Experiment ID must be a valid integer.`,
  );
}
