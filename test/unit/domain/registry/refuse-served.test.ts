import { describe, expect, it } from 'vitest';
import type { EndpointSummary } from '../../../../domain/deployment/ports.ts';
import { deleteModel } from '../../../../domain/registry/manage-models.ts';
import { deleteModelVersion } from '../../../../domain/registry/manage-versions.ts';
import { refuseServed } from '../../../../domain/registry/refuse-served.ts';
import { listTrash } from '../../../../domain/shared/trash.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext();

async function setUp(...endpoints: Partial<EndpointSummary>[]) {
  const world = new RegistryWorld();
  await world.model();
  await world.version();
  await world.version();
  const summaries = endpoints.map((endpoint) => ({
    ...{ name: 'late', target: 'platform', model: 'churn', version: 1, status: 'IN_SERVICE' },
    rolloutRunning: false,
    ...endpoint,
  })) as EndpointSummary[];
  const reader = {
    find: async () => undefined,
    findServed: async () => undefined,
    listVersions: async () => [1, 2],
    listOfModel: async () => summaries,
  };
  const refuse = (ref?: string) =>
    refuseServed({ store: world.store, endpoints: reader }, context, { name: 'churn', ref });
  return { world, refuse };
}

describe('refuseServed', () => {
  it('keeps the version that an endpoint serves, by number or alias, and its model', async () => {
    const { refuse } = await setUp({});

    await expect(refuse('1')).rejects.toThrow("The endpoint 'late' serves version 1 of 'churn'");
    await expect(refuse()).rejects.toThrow("The endpoint 'late' serves 'churn'");
    await expect(refuse('2')).resolves.toBeUndefined();
    await expect(refuse('@latest')).resolves.toBeUndefined();
  });

  it('keeps the candidate of a rollout under way', async () => {
    const { refuse } = await setUp({ rolloutRunning: true });

    await expect(refuse('2')).rejects.toMatchObject({ code: 'IN_USE' });
  });

  it.each<Partial<EndpointSummary>>([{ target: 'external' }, { status: 'DELETING' }, { version: null }])(
    'lets go what needs no files: %j',
    async (endpoint) => {
      const { refuse } = await setUp(endpoint);

      await expect(refuse()).resolves.toBeUndefined();
      await expect(refuse('1')).resolves.toBeUndefined();
    },
  );

  it('leaves what is absent to the use case', async () => {
    const { world, refuse } = await setUp({});
    await deleteModelVersion(world.store, context, { name: 'churn', ref: 1 });

    await expect(refuse('1')).resolves.toBeUndefined();
    await deleteModel(world.store, context, 'churn');
    await expect(refuse()).resolves.toBeUndefined();
  });
});

describe('what was deleted', () => {
  it('has its files in the trash, a version its own and a model those of all', async () => {
    const { world } = await setUp();
    const prefix = [...world.storage.objects.keys()].find((key) => key.includes('/versions/1/'));
    const root = prefix?.replace(/versions\/1\/.*/, '');

    await deleteModelVersion(world.store, context, { name: 'churn', ref: 1 });
    await deleteModel(world.store, makeTestContext({ nowMs: NOON_MS + 1 }), 'churn');
    const trash = await listTrash(world.store, NOON_MS + 1000, 10);

    expect(trash.map(({ value }) => value)).toEqual([
      { tenant: 'acme', deletedAt: NOON_MS, kind: 'files', prefix: `${root}versions/1/` },
      { tenant: 'acme', deletedAt: NOON_MS + 1, kind: 'files', prefix: root },
    ]);
  });
});
