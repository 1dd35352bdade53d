import { describe, expect, it } from 'vitest';
import { removeEndpoint, requestDeletion } from '../../../../domain/deployment/delete-endpoint.ts';
import { RolloutRunningError } from '../../../../domain/deployment/errors.ts';
import { prepareCandidate } from '../../../../domain/deployment/prepare-candidate.ts';
import { listEndpoints } from '../../../../domain/deployment/read-deployment.ts';
import { removeRunTimeResources } from '../../../../domain/deployment/remove-run-time-resources.ts';
import { listResources } from '../../../../domain/deployment/run-time-resources.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { listUnfinishedWork } from '../../../../domain/deployment/unfinished-work.ts';
import { updateEndpoint } from '../../../../domain/deployment/update-endpoint.ts';
import { PreconditionFailedError } from '../../../../domain/shared/domain-error.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

async function serve(): Promise<DeploymentWorld> {
  const world = new DeploymentWorld();
  await world.serveFirstVersion();
  return world;
}

describe('updateEndpoint', () => {
  it('publishes what serves again, with the new memory', async () => {
    const world = await serve();

    const { value } = await updateEndpoint(world, world.context(), 'flights', { memoryMb: 2048 });
    await world.runMachine(value.rollout ?? '');

    expect(value).toMatchObject({ status: 'UPDATING', memoryMb: 2048 });
    expect(await world.endpoint()).toMatchObject({ status: 'IN_SERVICE', version: 1, functionVersion: '2' });
    expect(world.functions.published.get(world.names.functionName('acme', 'flights'))?.at(-1)).toMatchObject({
      memoryMb: 2048,
    });
  });

  it('changes nothing when nothing is different', async () => {
    const world = await serve();

    const { revision } = await updateEndpoint(world, world.context(), 'flights', { memoryMb: 1024 });

    expect(await world.endpoint()).toMatchObject({ status: 'IN_SERVICE', rollout: null });
    expect(revision).toBe(2);
  });

  it('keeps settings for later when nothing serves', async () => {
    const world = new DeploymentWorld();
    world.functions.checkAnswer = { ok: false, reason: 'wrong' };
    await world.serveFirstVersion();

    const { value } = await updateEndpoint(world, world.context(), 'flights', { reservedConcurrency: 5 });

    expect(value).toMatchObject({ status: 'FAILED', reservedConcurrency: 5, rollout: null });
  });

  it('refuses another revision than the one that was read', async () => {
    const world = await serve();

    const stale = updateEndpoint(world, world.context(), 'flights', { memoryMb: 2048 }, 1);

    await expect(stale).rejects.toThrow(PreconditionFailedError);
  });

  it('waits for a rollout that is under way', async () => {
    const world = await serve();
    await startRollout(world, world.context(), { endpoint: 'flights', version: 2, trigger: 'request' });

    const refused = updateEndpoint(world, world.context(), 'flights', { memoryMb: 2048 });

    await expect(refused).rejects.toThrow(RolloutRunningError);
  });
});

describe('deletion', () => {
  it('marks the endpoint and leaves the rest to the background', async () => {
    const world = await serve();

    const { value } = await requestDeletion(world, world.context(), 'flights');

    expect(value.status).toBe('DELETING');
    expect(world.runner.removals).toEqual(['acme/flights']);
  });

  it('leaves nothing behind', async () => {
    const world = await serve();
    await requestDeletion(world, world.context(), 'flights');

    await removeEndpoint(world, world.context(), 'flights');

    expect((await listEndpoints(world.store, world.context(), { limit: 10 })).items).toEqual([]);
    expect((await listResources(world.store, { limit: 10 })).items).toEqual([]);
    expect((await listUnfinishedWork(world.store, { limit: 10 })).items).toEqual([]);
    expect(world.routes.placed.size + world.functions.aliases.size + world.roles.tenants.size).toBe(0);
    expect(world.eventTypes()).toContain('EndpointDeleted');
  });

  it("keeps the tenant's role for its other endpoints", async () => {
    const world = await serve();
    await world.serveFirstVersion({ name: 'trains' });
    await requestDeletion(world, world.context(), 'flights');

    await removeEndpoint(world, world.context(), 'flights');

    expect([...world.roles.tenants]).toEqual(['acme']);
    expect(world.alias('trains')).toBeDefined();
  });

  it('aborts a rollout that is under way', async () => {
    const world = await serve();
    const request = { endpoint: 'flights', version: 2, trigger: 'request' } as const;
    const { value } = await startRollout(world, world.context(), request);
    await requestDeletion(world, world.context(), 'flights');

    await removeEndpoint(world, world.context(), 'flights');
    await prepareCandidate(world, world.context(), value.id);

    expect(await world.rollout(value.id)).toMatchObject({ status: 'COMPLETED', outcome: 'ABORTED' });
    expect(world.functions.published.size).toBe(0);
  });

  it('may be repeated, and touches only what is marked', async () => {
    const world = await serve();

    await removeEndpoint(world, world.context(), 'flights');
    await requestDeletion(world, world.context(), 'flights');
    await requestDeletion(world, world.context(), 'flights');

    expect(await world.endpoint()).toMatchObject({ status: 'DELETING' });
    expect(world.runner.removals).toHaveLength(2);
  });

  it('refuses rollouts while it goes on', async () => {
    const world = await serve();
    await requestDeletion(world, world.context(), 'flights');

    const refused = startRollout(world, world.context(), {
      endpoint: 'flights',
      version: 2,
      trigger: 'request',
    });

    await expect(refused).rejects.toThrow('is being deleted');
  });
});

describe('removeRunTimeResources', () => {
  it('removes all that was made, and tells endpoints why they do not serve', async () => {
    const world = await serve();
    await world.serveFirstVersion({ name: 'trains' });

    const { removed, remaining } = await removeRunTimeResources(world, (tenant) => world.context({ tenant }));

    expect({ removed, remaining }).toEqual({ removed: 5, remaining: 0 });
    expect(world.routes.placed.size + world.functions.aliases.size + world.roles.tenants.size).toBe(0);
    expect(await world.endpoint()).toMatchObject({ status: 'FAILED', version: null });
  });

  it('goes on past one that cannot be removed, and tells of it', async () => {
    const world = await serve();
    world.roles.remove = async () => {
      throw new Error('AccessDenied');
    };

    const outcome = await removeRunTimeResources(world, (tenant) => world.context({ tenant }));

    expect(outcome).toMatchObject({ removed: 2, remaining: 1 });
    expect(outcome.failures[0]?.resource).toMatch(/^role test-tenant-acme/);
  });

  it('lets a rollout bring an endpoint back after a new deploy', async () => {
    const world = await serve();
    await removeRunTimeResources(world, (tenant) => world.context({ tenant }));

    const request = { endpoint: 'flights', version: 1, trigger: 'request' } as const;
    const { value } = await startRollout(world, world.context(), request);
    await world.runMachine(value.id);

    expect(await world.endpoint()).toMatchObject({ status: 'IN_SERVICE', version: 1 });
    expect(world.routes.placed.size).toBe(1);
  });
});
