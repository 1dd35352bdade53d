import { describe, expect, it } from 'vitest';
import { endRolloutNow, pauseRollout, resumeRollout } from '../../../../domain/deployment/command-rollout.ts';
import { DeploymentStateError } from '../../../../domain/deployment/errors.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

const POLICY = {
  firstWeight: 0.5,
  weightStep: 0.5,
  stepMinutes: 1,
  maxMinutes: 20,
  coldStartGraceMinutes: 0,
};
const GOOD = { incumbent: [400, 0], candidate: [400, 0] } as const;

async function begin() {
  const world = new DeploymentWorld();
  await world.serveFirstVersion();
  const { value } = await startRollout(world, world.context(), {
    ...{ endpoint: 'flights', version: 2, strategy: 'canary', policy: POLICY },
    trigger: 'request',
  });
  return { world, id: value.id };
}

async function beginRunning() {
  const begun = await begin();
  await begun.world.runMachine(begun.id);
  return begun;
}

describe('an operator', () => {
  it('holds a rollout that would go on, for longer than its time limit', async () => {
    const { world, id } = await beginRunning();

    await pauseRollout(world, world.context(), id);
    for (let minute = 0; minute < 30; minute += 1) await world.tick(id, GOOD);

    expect(await world.rollout(id)).toMatchObject({ status: 'PAUSED', pauseReason: 'OPERATOR', weight: 0.5 });
  });

  it('lets a paused rollout go on to its end', async () => {
    const { world, id } = await beginRunning();
    await pauseRollout(world, world.context(), id);
    await world.tick(id, GOOD);

    await resumeRollout(world, world.context(), id);
    for (let minute = 0; minute < 15; minute += 1) if ((await world.tick(id, GOOD)).finished) break;

    expect(await world.rollout(id)).toMatchObject({ outcome: 'PROMOTED' });
  });

  it('does not keep harm going by a pause', async () => {
    const { world, id } = await beginRunning();
    await pauseRollout(world, world.context(), id);

    for (let minute = 0; minute < 5; minute += 1) {
      if ((await world.tick(id, { incumbent: [400, 0], candidate: [200, 200] })).finished) break;
    }

    expect(await world.rollout(id)).toMatchObject({ outcome: 'ROLLED_BACK' });
  });

  it('aborts at once, with the traffic on the incumbent', async () => {
    const { world, id } = await beginRunning();

    const { value } = await endRolloutNow(
      world,
      world.context({ actor: 'tok_carol' }),
      id,
      'abort',
      'smells',
    );

    expect(value).toMatchObject({ status: 'COMPLETED', outcome: 'ABORTED', reason: 'smells' });
    expect(world.alias()).toEqual({ primary: '1', candidate: undefined });
    expect(world.store.events.at(-1)).toMatchObject({ detailType: 'RolloutCompleted', actor: 'tok_carol' });
  });

  it('aborts a rollout whose candidate is not there yet', async () => {
    const { world, id } = await begin();

    const { value } = await endRolloutNow(world, world.context(), id, 'abort', 'changed my mind');
    await world.runMachine(id);

    expect(value).toMatchObject({ outcome: 'ABORTED' });
    expect(world.functions.published.get(world.names.functionName('acme', 'flights'))).toHaveLength(1);
  });

  it('promotes at once', async () => {
    const { world, id } = await beginRunning();

    const { value } = await endRolloutNow(world, world.context(), id, 'promote', 'known to be good');

    expect(value).toMatchObject({ outcome: 'PROMOTED', reason: 'known to be good' });
    expect(await world.endpoint()).toMatchObject({ version: 2 });
  });

  it('repeats a pause or a resume without effect', async () => {
    const { world, id } = await beginRunning();

    await resumeRollout(world, world.context(), id);
    const first = await pauseRollout(world, world.context(), id);
    const second = await pauseRollout(world, world.context(), id);

    expect(second.revision).toBe(first.revision);
  });

  it('is told that a finished rollout takes no commands', async () => {
    const { world, id } = await beginRunning();
    await endRolloutNow(world, world.context(), id, 'abort', 'smells');

    await expect(pauseRollout(world, world.context(), id)).rejects.toThrow(DeploymentStateError);
    await expect(resumeRollout(world, world.context(), id)).rejects.toThrow('COMPLETED (ABORTED)');
    await expect(endRolloutNow(world, world.context(), id, 'promote', '')).rejects.toThrow('can be promoted');
  });
});
