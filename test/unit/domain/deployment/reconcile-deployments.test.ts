import { describe, expect, it } from 'vitest';
import { advanceRollout } from '../../../../domain/deployment/advance-rollout.ts';
import { requestDeletion } from '../../../../domain/deployment/delete-endpoint.ts';
import { reconcileDeployments } from '../../../../domain/deployment/reconcile-deployments.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

async function beginRollout() {
  const world = new DeploymentWorld();
  await world.serveFirstVersion();
  const request = { endpoint: 'flights', version: 2, trigger: 'request' } as const;
  const { value } = await startRollout(world, world.context(), request);
  await world.runMachine(value.id);
  world.runner.started.length = 0;
  return { world, id: value.id };
}

const reconcile = (world: DeploymentWorld) =>
  reconcileDeployments(world, (tenant) => world.context({ tenant }));

describe('reconcileDeployments', () => {
  it('leaves a rollout alone whose ticks come', async () => {
    const { world } = await beginRollout();
    world.nowMs += 60_000;

    const { restartedRollouts } = await reconcile(world);

    expect(restartedRollouts).toEqual([]);
  });

  it('gives a rollout whose ticks have stopped a new execution, which goes on from where it was', async () => {
    const { world, id } = await beginRollout();
    world.nowMs += 5 * 60_000;

    const { restartedRollouts } = await reconcile(world);

    expect(restartedRollouts).toEqual([id]);
    expect(world.runner.started).toEqual([{ tenant: 'acme', rolloutId: id, generation: 2 }]);
    expect(await advanceRollout(world, world.context(), id, 1)).toEqual({ finished: true });
    expect(await advanceRollout(world, world.context(), id, 2)).toEqual({ finished: false });
    expect(await world.rollout(id)).toMatchObject({ status: 'RUNNING', weight: 0.1 });
  });

  it('does not start the same rollout again a minute later', async () => {
    const { world } = await beginRollout();
    world.nowMs += 5 * 60_000;
    await reconcile(world);
    world.nowMs += 60_000;

    expect((await reconcile(world)).restartedRollouts).toEqual([]);
  });

  it('repeats a deletion that did not end', async () => {
    const { world } = await beginRollout();
    await requestDeletion(world, world.context(), 'flights');
    world.runner.removals.length = 0;
    world.nowMs += 4 * 60_000;

    const { restartedDeletions } = await reconcile(world);

    expect(restartedDeletions).toEqual(['flights']);
    expect(world.runner.removals).toEqual(['acme/flights']);
  });

  it('gives a deletion its time', async () => {
    const { world } = await beginRollout();
    await requestDeletion(world, world.context(), 'flights');

    expect((await reconcile(world)).restartedDeletions).toEqual([]);
  });
});
