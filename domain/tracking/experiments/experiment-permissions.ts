import type { CallContext } from '../../shared/call-context.ts';
import {
  addGrant,
  findGrant,
  type Grant,
  listGrants,
  parsePermission,
  removeGrant,
  replaceGrant,
} from '../../shared/grant-changes.ts';
import type { Grants } from '../../shared/permission.ts';
import type { Store } from '../../shared/store.ts';
import { ExperimentNotFoundError } from '../errors.ts';
import { changeExperiment } from './change-experiment.ts';
import { getExperiment } from './experiment.ts';

/** A request of MLflow's permission API. */
export interface ExperimentGrant {
  readonly experimentId: string;
  readonly username: string;
  readonly permission: string;
}

const subjectOf = (experimentId: string) =>
  ({ kind: 'Experiment permission', name: `experiment_id=${experimentId}` }) as const;

/** Gives somebody a permission on an experiment, or takes it from everyone who is not named. */
export async function createExperimentPermission(
  store: Store,
  context: CallContext,
  { experimentId, username, permission }: ExperimentGrant,
): Promise<Grant> {
  const grant = { username, permission: parsePermission(permission) };
  await changeGrants(store, context, experimentId, (grants) =>
    addGrant(grants, grant, subjectOf(experimentId)),
  );
  return grant;
}

export async function updateExperimentPermission(
  store: Store,
  context: CallContext,
  { experimentId, username, permission }: ExperimentGrant,
): Promise<void> {
  const grant = { username, permission: parsePermission(permission) };
  await changeGrants(store, context, experimentId, (grants) =>
    replaceGrant(grants, grant, subjectOf(experimentId)),
  );
}

export async function deleteExperimentPermission(
  store: Store,
  context: CallContext,
  { experimentId, username }: Omit<ExperimentGrant, 'permission'>,
): Promise<void> {
  await changeGrants(store, context, experimentId, (grants) =>
    removeGrant(grants, username, subjectOf(experimentId)),
  );
}

export async function getExperimentPermission(
  store: Store,
  context: CallContext,
  { experimentId, username }: Omit<ExperimentGrant, 'permission'>,
): Promise<Grant> {
  const { value } = await getExperiment(store, context, experimentId, 'MANAGE');
  return { username, permission: findGrant(value.grants ?? {}, username, subjectOf(experimentId)) };
}

export async function listExperimentPermissions(
  store: Store,
  context: CallContext,
  experimentId: string,
): Promise<readonly Grant[]> {
  // In a path of ours what cannot be an id is absent; MLflow's routes say more.
  if (!/^\d+$/.test(experimentId)) throw new ExperimentNotFoundError(experimentId);
  const { value } = await getExperiment(store, context, experimentId, 'MANAGE');
  return listGrants(value.grants);
}

async function changeGrants(
  store: Store,
  context: CallContext,
  experimentId: string,
  change: (grants: Grants) => Grants,
): Promise<void> {
  await changeExperiment(store, context, experimentId, {
    what: 'shared',
    needed: 'MANAGE',
    change: (experiment) => ({ ...experiment, grants: change(experiment.grants ?? {}) }),
  });
}
