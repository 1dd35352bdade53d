import { describe, expect, it } from 'vitest';
import { getEndpointHistory } from '../../../../domain/deployment/read-deployment.ts';
import { rollBackEndpoint } from '../../../../domain/deployment/roll-back-endpoint.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { NotFoundError } from '../../../../domain/shared/domain-error.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

/** Version 1 at noon, version 2 an hour later, and now it is another hour later. */
async function serveTwoVersions(): Promise<DeploymentWorld> {
  const world = new DeploymentWorld();
  await world.serveFirstVersion();
  world.nowMs += 3_600_000;
  const request = { endpoint: 'flights', version: 2, strategy: 'all-at-once', trigger: 'request' } as const;
  const { value } = await startRollout(world, world.context(), request);
  await world.runMachine(value.id);
  world.nowMs += 3_600_000;
  return world;
}

describe('rollBackEndpoint', () => {
  it('gives the traffic back to a version by number', async () => {
    const world = await serveTwoVersions();

    const { value } = await rollBackEndpoint(world, world.context(), 'flights', {
      toVersion: 1,
      reason: 'worse',
    });
    await world.runMachine(value.id);

    expect(await world.rollout(value.id)).toMatchObject({ trigger: 'rollback', outcome: 'PROMOTED' });
    expect(await world.endpoint()).toMatchObject({ version: 1 });
  });

  it('gives the traffic back to what served at a time', async () => {
    const world = await serveTwoVersions();

    const input = { at: '2026-03-01T12:30:00.000Z', reason: 'as at lunch' };
    const { value } = await rollBackEndpoint(world, world.context(), 'flights', input);

    expect(value).toMatchObject({ version: 1, triggerReason: 'as at lunch' });
  });

  it('refuses a time before the first deployment', async () => {
    const world = await serveTwoVersions();

    const input = { at: '2026-02-01T00:00:00.000Z', reason: 'long ago' };

    await expect(rollBackEndpoint(world, world.context(), 'flights', input)).rejects.toThrow(NotFoundError);
  });

  it('ends a rollout that is under way, which may be all that is needed', async () => {
    const world = await serveTwoVersions();
    const running = await startRollout(world, world.context(), {
      endpoint: 'flights',
      version: 3,
      trigger: 'request',
    });
    await world.runMachine(running.value.id);

    const { value } = await rollBackEndpoint(world, world.context(), 'flights', {
      toVersion: 2,
      reason: 'stop',
    });

    expect(value).toMatchObject({ id: running.value.id, outcome: 'ABORTED' });
    expect(world.alias()).toMatchObject({ primary: '2' });
  });

  it('ends a rollout that is under way and goes further back', async () => {
    const world = await serveTwoVersions();
    const running = await startRollout(world, world.context(), {
      endpoint: 'flights',
      version: 3,
      trigger: 'request',
    });
    await world.runMachine(running.value.id);

    const { value } = await rollBackEndpoint(world, world.context(), 'flights', {
      toVersion: 1,
      reason: 'stop',
    });
    await world.runMachine(value.id);

    expect(await world.endpoint()).toMatchObject({ version: 1, rollout: null });
  });

  it('refuses what serves already', async () => {
    const world = await serveTwoVersions();

    const refused = rollBackEndpoint(world, world.context(), 'flights', { toVersion: 2, reason: 'x' });

    await expect(refused).rejects.toThrow('already');
  });
});

describe('getEndpointHistory', () => {
  it('lists what had the traffic, newest first', async () => {
    const world = await serveTwoVersions();

    const { items } = await getEndpointHistory(world.store, world.context(), 'flights', { limit: 10 });

    expect(items.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('tells what served at a time, the very moment included', async () => {
    const world = await serveTwoVersions();
    const at = (time: string) =>
      getEndpointHistory(world.store, world.context(), 'flights', { limit: 10, at: time });

    expect((await at('2026-03-01T13:00:00.000Z')).items[0]).toMatchObject({ version: 2 });
    expect((await at('2026-03-01T12:59:59.999Z')).items[0]).toMatchObject({ version: 1 });
    expect((await at('2026-03-01T11:59:59.999Z')).items).toEqual([]);
  });
});
