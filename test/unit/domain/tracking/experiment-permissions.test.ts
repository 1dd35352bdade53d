import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { createExperiment } from '../../../../domain/tracking/experiments/create-experiment.ts';
import { getExperiment, getExperimentByName } from '../../../../domain/tracking/experiments/experiment.ts';
import {
  createExperimentPermission,
  deleteExperimentPermission,
  getExperimentPermission,
  listExperimentPermissions,
  updateExperimentPermission,
} from '../../../../domain/tracking/experiments/experiment-permissions.ts';
import { searchExperiments } from '../../../../domain/tracking/experiments/search-experiments.ts';
import { makeTestContext } from '../../../support/call-context.ts';

const admin = makeTestContext();
const bob = makeTestContext({ actor: 'tok_bob', roles: ['scientist'] });
let store: MemoryStore;
let experimentId: string;

beforeEach(async () => {
  store = new MemoryStore();
  ({ experimentId } = await createExperiment(store, bob, { name: 'secret' }));
});

const grant = (username: string, permission: string) =>
  createExperimentPermission(store, admin, { experimentId, username, permission });

describe('permissions on experiments', () => {
  it('close an experiment to all but those who are named, by id, by name and in searches', async () => {
    await grant('*', 'NO_PERMISSIONS');

    await expect(getExperiment(store, bob, experimentId)).rejects.toMatchObject({ status: 403 });
    await expect(getExperimentByName(store, bob, 'secret')).rejects.toMatchObject({ status: 403 });
    const search = (context: typeof admin) =>
      searchExperiments(store, context, { viewType: 'ACTIVE_ONLY', maxResults: 10 });
    expect((await search(bob)).experiments).toEqual([]);
    expect((await search(admin)).experiments).toHaveLength(1);
    await grant('tok_bob', 'READ');
    expect((await getExperimentByName(store, bob, 'secret')).name).toBe('secret');
    await expect(getExperiment(store, bob, experimentId, 'EDIT')).rejects.toThrow(
      `This needs the permission EDIT on experiments/${experimentId}; the caller has READ.`,
    );
  });

  it('are created once, changed, listed and taken away, by who manages the experiment', async () => {
    await grant('tok_eve', 'READ');
    const named = { experimentId, username: 'tok_eve' };

    await expect(grant('tok_eve', 'EDIT')).rejects.toThrow('already exists.');
    await updateExperimentPermission(store, admin, { ...named, permission: 'EDIT' });
    expect(await getExperimentPermission(store, admin, named)).toMatchObject({ permission: 'EDIT' });
    expect(await listExperimentPermissions(store, admin, experimentId)).toHaveLength(1);
    await deleteExperimentPermission(store, admin, named);
    await expect(deleteExperimentPermission(store, admin, named)).rejects.toThrow('not found');
    await expect(grant('tok_eve', 'all')).rejects.toThrow("Invalid permission 'all'");
  });
});
