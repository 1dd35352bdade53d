import { describe, expect, it } from 'vitest';
import { advanceRollout } from '../../../../domain/deployment/advance-rollout.ts';
import { pauseRollout } from '../../../../domain/deployment/command-rollout.ts';
import { failRollout } from '../../../../domain/deployment/fail-rollout.ts';
import { listDecisions } from '../../../../domain/deployment/read-deployment.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { ConcurrentChangeError } from '../../../../domain/shared/domain-error.ts';
import { DeploymentWorld, observe } from '../../../support/deployment-world.ts';

const POLICY = {
  firstWeight: 0.5,
  weightStep: 0.5,
  stepMinutes: 2,
  minRequestsPerStep: 20,
  coldStartGraceMinutes: 0,
};
const GOOD = { incumbent: [400, 0], candidate: [400, 0] } as const;
const CRASHING = { incumbent: [400, 0], candidate: [200, 200] } as const;

async function begin(strategy: string, policy: object = POLICY) {
  const world = new DeploymentWorld();
  await world.serveFirstVersion();
  const { value } = await startRollout(world, world.context(), {
    ...{ endpoint: 'flights', version: 2, strategy, policy },
    trigger: 'request',
  });
  await world.runMachine(value.id);
  return { world, id: value.id };
}

async function tickUntilFinished(world: DeploymentWorld, id: string, minute: typeof GOOD | typeof CRASHING) {
  for (let minutes = 1; minutes <= 60; minutes += 1) {
    if ((await world.tick(id, minute)).finished) return minutes;
  }
  return Number.POSITIVE_INFINITY;
}

describe('advanceRollout', () => {
  it('gives the candidate its first weight after the check', async () => {
    const { world, id } = await begin('canary');

    expect(world.alias()).toEqual({ primary: '1', candidate: { functionVersion: '2', weight: 0.5 } });
    expect(await world.rollout(id)).toMatchObject({ status: 'RUNNING', weight: 0.5, appliedWeight: 0.5 });
    expect(world.eventTypes()).toContain('RolloutStepChanged');
  });

  it('promotes a good candidate, and says that it has all the traffic', async () => {
    const { world, id } = await begin('canary');

    await tickUntilFinished(world, id, GOOD);

    expect(await world.rollout(id)).toMatchObject({ status: 'COMPLETED', outcome: 'PROMOTED', weight: 1 });
    expect(await world.endpoint()).toMatchObject({ version: 2, functionVersion: '2', rollout: null });
    expect(world.alias()).toEqual({ primary: '2', candidate: undefined });
    expect(world.eventTypes().slice(-2)).toEqual(['RolloutCompleted', 'ModelDeployed']);
  });

  it('rolls a crashing candidate back within minutes', async () => {
    const { world, id } = await begin('canary');

    const minutes = await tickUntilFinished(world, id, CRASHING);

    expect(minutes).toBeLessThanOrEqual(3);
    expect(await world.rollout(id)).toMatchObject({ outcome: 'ROLLED_BACK', weight: 0 });
    expect(await world.endpoint()).toMatchObject({ version: 1, status: 'IN_SERVICE', rollout: null });
    expect(world.alias()).toEqual({ primary: '1', candidate: undefined });
  });

  it('keeps each decision with its numbers', async () => {
    const { world, id } = await begin('canary');

    await world.tick(id, GOOD);

    const [decision] = await listDecisions(world.store, world.context(), id);
    expect(decision).toMatchObject({
      decision: 'CONTINUE',
      statistics: { candidate: { requests: 400, errors: 0 }, guardrails: expect.any(Array) },
    });
  });

  it('pauses with NO_DATA when nobody calls, and never promotes', async () => {
    const { world, id } = await begin('canary', { ...POLICY, noDataMinutes: 2 });

    for (let minute = 0; minute < 10; minute += 1) await world.tick(id);

    expect(await world.rollout(id)).toMatchObject({
      status: 'PAUSED',
      pauseReason: 'NO_DATA',
      outcome: null,
    });
    expect(world.alias()?.primary).toBe('1');
  });

  it('goes on by itself when data comes after a silence', async () => {
    const { world, id } = await begin('canary', { ...POLICY, noDataMinutes: 2 });
    for (let minute = 0; minute < 4; minute += 1) await world.tick(id);

    await world.tick(id, GOOD);

    expect(await world.rollout(id)).toMatchObject({ status: 'RUNNING', pauseReason: null });
  });

  it('waits while no further minute has arrived', async () => {
    const { world, id } = await begin('canary');
    const before = await world.rollout(id);

    await advanceRollout(world, world.context(), id, 1);

    const after = await world.rollout(id);
    expect(after.nextMinute).toBe(before.nextMinute);
    expect(after.weight).toBe(0.5);
  });

  it('does not count minutes of a lower weight as time of the present step', async () => {
    const { world, id } = await begin('canary', {
      ...POLICY,
      firstWeight: 0.1,
      weightStep: 0.1,
      stepMinutes: 1,
    });
    for (let minute = 0; minute < 5; minute += 1) {
      world.observations.put(1, world.minute, observe([400, 0]));
      world.observations.put(2, world.minute, observe([400, 0]));
      world.nowMs += 60_000;
    }
    world.observations.watermark = world.minute;

    await advanceRollout(world, world.context(), id, 1);

    expect((await world.rollout(id)).weight).toBe(0.2);
  });

  it('puts everything on the candidate at once when asked to', async () => {
    const { world, id } = await begin('all-at-once', {});

    expect(await world.rollout(id)).toMatchObject({ outcome: 'PROMOTED' });
    expect(await world.endpoint()).toMatchObject({ version: 2 });
  });

  it('gives green everything, and takes it back when it is worse than blue was', async () => {
    const { world, id } = await begin('blue-green', { stepMinutes: 3, coldStartGraceMinutes: 0 });
    for (let back = 1; back <= 30; back += 1) {
      world.observations.put(1, world.minute - back, observe([300, 0]));
    }
    const whileGreen = world.alias();

    await tickUntilFinished(world, id, { incumbent: [400, 0], candidate: [200, 200] });

    expect(whileGreen).toEqual({ primary: '2', candidate: undefined });
    expect(await world.rollout(id)).toMatchObject({ outcome: 'ROLLED_BACK' });
    expect(world.alias()).toEqual({ primary: '1', candidate: undefined });
  });

  it('promotes green after its bake when it is as good as blue was', async () => {
    const { world, id } = await begin('blue-green', { stepMinutes: 3, coldStartGraceMinutes: 0 });
    for (let back = 1; back <= 60; back += 1) {
      world.observations.put(1, world.minute - back, observe([400, 0]));
    }

    const minutes = await tickUntilFinished(world, id, GOOD);

    expect(minutes).toBeGreaterThanOrEqual(3);
    expect(await world.rollout(id)).toMatchObject({ outcome: 'PROMOTED' });
  });

  it('leaves callers of the incumbent alone when the candidate fails its check', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion();
    world.functions.checkAnswer = { ok: false, reason: 'Runtime.ExitError: Runtime exited with error' };
    const { value } = await startRollout(world, world.context(), {
      ...{ endpoint: 'flights', version: 2, strategy: 'canary', policy: POLICY },
      trigger: 'request',
    });

    await world.runMachine(value.id);

    const rollout = await world.rollout(value.id);
    expect(rollout).toMatchObject({ status: 'COMPLETED', outcome: 'FAILED', weight: 0 });
    expect(rollout.reason).toContain('Runtime.ExitError');
    expect(world.functions.traffic.every(({ primary }) => primary === '1')).toBe(true);
    expect(await world.endpoint()).toMatchObject({ status: 'IN_SERVICE', version: 1, rollout: null });
  });
});

describe('advanceRollout when somebody else changed the traffic', () => {
  const functionName = (world: DeploymentWorld) => world.names.functionName('acme', 'flights');

  it.each([
    ['a weight', { primary: '1', candidate: { functionVersion: '2', weight: 0.9 } }, 'the candidate 0.9'],
    ['all of it', { primary: '2' }, 'the candidate had 1'],
    ['an unknown version', { primary: '7' }, 'function version 7'],
  ])('puts its own back and tells: %s', async (_, foreign, said) => {
    const { world, id } = await begin('canary');
    world.functions.aliases.set(functionName(world), foreign);

    await world.tick(id, GOOD);

    const rollout = await world.rollout(id);
    expect(world.alias()).toEqual({ primary: '1', candidate: { functionVersion: '2', weight: 0.5 } });
    expect(rollout.steps.at(-1)).toMatchObject({ weight: 0.5, reason: expect.stringContaining(said) });
    expect(world.store.events.at(-1)).toMatchObject({
      detailType: 'RolloutStepChanged',
      data: { weight: 0.5, reason: expect.stringContaining('from outside the rollout') },
    });
  });

  it('notices it while the rollout is paused', async () => {
    const { world, id } = await begin('canary');
    await pauseRollout(world, world.context(), id);
    world.functions.aliases.set(functionName(world), { primary: '1' });

    await advanceRollout(world, world.context(), id, 1);

    expect(world.alias()?.candidate?.weight).toBe(0.5);
  });

  it('puts it back with the next tick when it dies before Lambda was told', async () => {
    const { world, id } = await begin('canary');
    world.functions.aliases.set(functionName(world), { primary: '1' });
    const setTraffic = world.functions.setTraffic.bind(world.functions);
    world.functions.setTraffic = async () => {
      throw new Error('killed');
    };
    await expect(world.tick(id, GOOD)).rejects.toThrow('killed');
    world.functions.setTraffic = setTraffic;

    await advanceRollout(world, world.context(), id, 1);

    expect(world.alias()?.candidate?.weight).toBe(0.5);
  });

  it('says nothing when nobody did', async () => {
    const { world, id } = await begin('canary');
    const { steps } = await world.rollout(id);

    await world.tick(id, GOOD);

    expect((await world.rollout(id)).steps).toEqual(steps);
    expect(world.functions.traffic.filter(({ candidate }) => candidate !== undefined)).toHaveLength(1);
  });
});

describe('advanceRollout around crashes', () => {
  it('tells Lambda again what it decided before it died', async () => {
    const { world, id } = await begin('canary', {
      ...POLICY,
      firstWeight: 0.2,
      weightStep: 0.2,
      stepMinutes: 1,
    });
    const setTraffic = world.functions.setTraffic.bind(world.functions);
    world.functions.setTraffic = async () => {
      throw new Error('killed');
    };
    await expect(world.tick(id, GOOD)).rejects.toThrow('killed');
    world.functions.setTraffic = setTraffic;

    await advanceRollout(world, world.context(), id, 1);

    const rollout = await world.rollout(id);
    expect(rollout.appliedWeight).toBe(rollout.weight);
    expect(world.alias()?.candidate?.weight).toBe(rollout.weight);
  });

  it('finishes a promotion that died between the alias and the store', async () => {
    const { world, id } = await begin('canary');
    const setTraffic = world.functions.setTraffic.bind(world.functions);
    world.functions.setTraffic = async () => {
      throw new Error('killed');
    };
    await expect(tickUntilFinished(world, id, GOOD)).rejects.toThrow('killed');
    world.functions.setTraffic = setTraffic;

    const { finished } = await advanceRollout(world, world.context(), id, 1);

    expect(finished).toBe(true);
    expect(await world.rollout(id)).toMatchObject({ outcome: 'PROMOTED' });
  });

  it('ends an older execution and follows a newer one', async () => {
    const { world, id } = await begin('canary');
    await advanceRollout(world, world.context(), id, 2);

    const older = await advanceRollout(world, world.context(), id, 1);

    expect(older).toEqual({ finished: true });
    expect(await world.rollout(id)).toMatchObject({ generation: 2, status: 'RUNNING' });
  });

  it('refuses to overwrite what a tick or command did meanwhile', async () => {
    const { world, id } = await begin('canary');

    const both = await Promise.allSettled([
      advanceRollout(world, world.context(), id, 1),
      advanceRollout(world, world.context(), id, 1),
    ]);

    const refused = both.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.every(({ reason }) => reason instanceof ConcurrentChangeError)).toBe(true);
  });

  it('keeps an outcome when a late failure is reported', async () => {
    const { world, id } = await begin('canary');
    await tickUntilFinished(world, id, GOOD);

    await failRollout(world, world.context(), id, 'too late');

    expect(await world.rollout(id)).toMatchObject({ outcome: 'PROMOTED' });
  });

  it('gives the traffic back when a rollout cannot go on', async () => {
    const { world, id } = await begin('canary');

    await failRollout(world, world.context(), id, 'States.Timeout');

    expect(await world.rollout(id)).toMatchObject({ outcome: 'FAILED', reason: 'States.Timeout' });
    expect(world.alias()).toEqual({ primary: '1', candidate: undefined });
  });

  it('has nothing left to do after the end', async () => {
    const { world, id } = await begin('all-at-once', {});

    expect(await advanceRollout(world, world.context(), id, 1)).toEqual({ finished: true });
  });
});
