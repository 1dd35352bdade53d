import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../../adapters/memory/memory-store.ts';
import {
  hideExperiments,
  requireArtifactAccess,
  requireLocationAccess,
} from '../../../../../domain/tracking/artifacts/require-artifact-access.ts';
import {
  createExperiment,
  seedDefaultExperiment,
} from '../../../../../domain/tracking/experiments/create-experiment.ts';
import { experimentKey } from '../../../../../domain/tracking/experiments/experiment.ts';
import { makeTestContext } from '../../../../support/call-context.ts';

const context = makeTestContext();
let store: MemoryStore;

beforeEach(async () => {
  store = new MemoryStore();
  await store.commit(seedDefaultExperiment(context));
});

describe('access to artifacts', () => {
  it('is to a key below the own tenant', async () => {
    const place = await requireArtifactAccess(store, context, '0/abc/artifacts/a%20b.txt', 'EDIT');

    expect(place).toEqual({
      path: '0/abc/artifacts/a b.txt',
      key: 'tenants/acme/experiments/0/abc/artifacts/a b.txt',
    });
  });

  it.each(['READ', 'EDIT'] as const)('needs an experiment that is there to %s', async (permission) => {
    const access = requireArtifactAccess(store, context, '7/abc/artifacts/a.txt', permission);

    await expect(access).rejects.toThrow('No Experiment with id=7 exists');
  });

  it("does not see another tenant's experiments", async () => {
    const stranger = makeTestContext({ tenant: 'other' });

    const access = requireArtifactAccess(store, stranger, '0/abc/artifacts/a.txt', 'READ');

    await expect(access).rejects.toThrow('No Experiment with id=0 exists');
  });

  it('follows a location of its own to the experiment', async () => {
    await createExperiment(store, context, { name: 'a', artifactLocation: 'mlflow-artifacts:/shared/a' });

    const location = { artifactUri: 'mlflow-artifacts:/shared/a/abc/artifacts', path: 'x/y' };
    const place = await requireLocationAccess(store, context, location, 'READ');

    expect(place.key).toBe('tenants/acme/experiments/shared/a/abc/artifacts/x/y');
  });

  it('needs a role that may write to write', async () => {
    const viewer = makeTestContext({ principal: { tenant: 'acme', actor: 'v', roles: ['viewer'] } });

    await expect(requireArtifactAccess(store, viewer, '0/a', 'READ')).resolves.toBeDefined();
    await expect(requireArtifactAccess(store, viewer, '0/a', 'EDIT')).rejects.toThrow();
  });

  it('follows a permission on the experiment, whatever the role, and only there', async () => {
    await createExperiment(store, context, { name: 'a', artifactLocation: 'mlflow-artifacts:/shared/a' });
    await setGrant('0', 'v', 'EDIT');
    await setGrant('1', 'v', 'EDIT');
    const viewer = makeTestContext({ principal: { tenant: 'acme', actor: 'v', roles: ['viewer'] } });

    await expect(requireArtifactAccess(store, viewer, '0/x', 'EDIT')).resolves.toBeDefined();
    await expect(requireArtifactAccess(store, viewer, 'shared/a/x', 'EDIT')).resolves.toBeDefined();
    await expect(requireArtifactAccess(store, viewer, 'shared', 'EDIT')).rejects.toThrow("role 'scientist'");
    await expect(requireArtifactAccess(store, viewer, 'x', 'EDIT')).rejects.toThrow("role 'scientist'");
  });

  it('is refused in words where the artifacts lie elsewhere', async () => {
    const location = { artifactUri: 's3://theirs/a', path: 'x' };

    await expect(async () => requireLocationAccess(store, context, location, 'READ')).rejects.toThrow(
      "The artifacts lie at 's3://theirs/a'",
    );
  });

  describe('that an admin took away', () => {
    const other = makeTestContext({ principal: { tenant: 'acme', actor: 'other', roles: ['scientist'] } });

    beforeEach(async () => {
      await createExperiment(store, context, { name: 'a', artifactLocation: 'mlflow-artifacts:/shared/a' });
      for (const id of ['0', '1']) await setGrant(id, 'other', 'NO_PERMISSIONS');
    });

    it.each(['0/x', 'shared/a/x', 'shared/a'])('does not reach %s', async (path) => {
      await expect(requireArtifactAccess(store, other, path, 'READ')).rejects.toThrow('permission READ');
    });

    it('does not reach a folder that it is in', async () => {
      await expect(requireArtifactAccess(store, other, 'shared', 'EDIT')).rejects.toThrow('permission EDIT');
      await expect(requireArtifactAccess(store, other, 'share', 'EDIT')).resolves.toBeDefined();
    });

    it('is not given back by an experiment of the own in the same place', async () => {
      await createExperiment(store, other, { name: 'b', artifactLocation: 'mlflow-artifacts:/shared/a/x' });

      await expect(requireArtifactAccess(store, other, 'shared/a/x/y', 'READ')).rejects.toThrow(
        'permission READ',
      );
    });

    it('hides the experiment in a list of all', async () => {
      const folders = ['0', '7', 'shared'].map((path) => ({ path }));

      expect(await hideExperiments(store, other, folders)).toEqual([{ path: 'shared' }]);
      expect(await hideExperiments(store, context, folders)).toEqual([{ path: '0' }, { path: 'shared' }]);
    });
  });
});

async function setGrant(experimentId: string, actor: string, permission: string): Promise<void> {
  const item = await store.get<{ grants?: object }>(experimentKey('acme', experimentId));
  const value = { ...item!.value, grants: { ...item!.value.grants, [actor]: permission } };
  await store.commit([{ put: item!.key, value, expect: item!.revision }]);
}
