import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import {
  createModel,
  deleteModel,
  listModels,
  renameModel,
} from '../../../../domain/registry/manage-models.ts';
import {
  createModelPermission,
  deleteModelPermission,
  getModelPermission,
  guardModelCall,
  listModelPermissions,
  updateModelPermission,
} from '../../../../domain/registry/model-permissions.ts';
import { searchRegisteredModels } from '../../../../domain/registry/search/search-models.ts';
import { makeTestContext } from '../../../support/call-context.ts';

const admin = makeTestContext();
const bob = makeTestContext({ actor: 'tok_bob', roles: ['scientist'] });
const eve = makeTestContext({ actor: 'tok_eve', roles: ['viewer'] });
let store: MemoryStore;

beforeEach(async () => {
  store = new MemoryStore();
  await createModel(store, admin, { name: 'secret', description: '', tags: {} });
  await createModel(store, admin, { name: 'open', description: '', tags: {} });
});

const grant = (username: string, permission: string) =>
  createModelPermission(store, admin, { name: 'secret', username, permission });

describe('permissions on models', () => {
  it('hide a model from everyone who is not named, in searches and in calls', async () => {
    await grant('*', 'NO_PERMISSIONS');
    await grant('tok_eve', 'EDIT');

    const names = async (context: typeof admin) =>
      (await searchRegisteredModels(store, context, { order_by: [] })).registered_models.map(
        ({ name }) => name,
      );

    expect(await names(bob)).toEqual(['open']);
    expect(await names(eve)).toEqual(['open', 'secret']);
    expect((await listModels(store, bob, { limit: 10 })).items.map(({ name }) => name)).toEqual(['open']);
    await expect(guardModelCall(store, bob, 'secret', 'READ')).rejects.toMatchObject({ status: 403 });
    await guardModelCall(store, eve, 'secret', 'EDIT');
    await expect(guardModelCall(store, eve, 'secret', 'MANAGE')).rejects.toMatchObject({ status: 403 });
    await guardModelCall(store, admin, 'secret', 'MANAGE');
  });

  it('are created once, changed, listed and taken away', async () => {
    await grant('tok_bob', 'READ');

    await expect(grant('tok_bob', 'EDIT')).rejects.toThrow(
      'Registered model permission (name=secret, username=tok_bob) already exists.',
    );
    await updateModelPermission(store, admin, { name: 'secret', username: 'tok_bob', permission: 'USE' });
    expect(await getModelPermission(store, admin, { name: 'secret', username: 'tok_bob' })).toEqual({
      username: 'tok_bob',
      permission: 'USE',
    });
    expect(await listModelPermissions(store, admin, 'secret')).toHaveLength(1);
    await deleteModelPermission(store, admin, { name: 'secret', username: 'tok_bob' });
    await expect(
      deleteModelPermission(store, admin, { name: 'secret', username: 'tok_bob' }),
    ).rejects.toThrow('not found');
    await expect(grant('tok_bob', 'ALL')).rejects.toThrow("Invalid permission 'ALL'. Valid permissions are");
  });

  it('stay with a model that gets another name, and go with it', async () => {
    await grant('*', 'NO_PERMISSIONS');

    await renameModel(store, admin, 'secret', 'hidden');
    await expect(guardModelCall(store, bob, 'hidden', 'READ')).rejects.toMatchObject({ status: 403 });
    await deleteModel(store, admin, 'hidden');

    await createModel(store, bob, { name: 'hidden', description: '', tags: {} });
    await guardModelCall(store, bob, 'hidden', 'MANAGE');
  });

  it('leave no trace of an attempt in the audit, and tell every change with its actor', async () => {
    await grant('tok_bob', 'READ');

    expect(store.events.at(-1)).toMatchObject({ actor: 'tok_alice', detailType: 'ModelUpdated' });
  });
});
