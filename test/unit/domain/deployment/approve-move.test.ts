import { describe, expect, it } from 'vitest';
import { promoteRolloutNow, resumeRollout } from '../../../../domain/deployment/command-rollout.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { OwnWorkError } from '../../../../domain/registry/errors.ts';
import { ForbiddenError } from '../../../../domain/shared/domain-error.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

const POLICY = {
  firstWeight: 0.2,
  weightStep: 0.4,
  stepMinutes: 1,
  maxMinutes: 20,
  coldStartGraceMinutes: 0,
};
const GOOD = { incumbent: [400, 0], candidate: [400, 0] } as const;

async function begin(approvals: string, strategy = 'canary', trigger: 'request' | 'approval' = 'request') {
  const world = new DeploymentWorld();
  await world.serveFirstVersion();
  const { value } = await startRollout(world, world.context(), {
    ...{ endpoint: 'flights', version: 2, strategy, policy: { ...POLICY, approvals }, trigger },
  });
  await world.runMachine(value.id);
  return { world, id: value.id };
}

async function tickUntil(world: DeploymentWorld, id: string, status: string, most = 20) {
  for (let minutes = 0; minutes < most; minutes += 1) {
    await world.tick(id, GOOD);
    if ((await world.rollout(id)).status === status) return;
  }
}

const approver = (world: DeploymentWorld) =>
  world.context({ actor: 'tok_erin', principal: { tenant: 'acme', actor: 'tok_erin', roles: ['approver'] } });
const operator = (world: DeploymentWorld) =>
  world.context({ actor: 'tok_otto', principal: { tenant: 'acme', actor: 'tok_otto', roles: ['operator'] } });

describe('a rollout with approvals at each step', () => {
  it('waits before its second weight, for longer than its time limit', async () => {
    const { world, id } = await begin('each-step');
    await tickUntil(world, id, 'PAUSED');

    for (let minute = 0; minute < 30; minute += 1) await world.tick(id, GOOD);

    expect(await world.rollout(id)).toMatchObject({
      status: 'PAUSED',
      pauseReason: 'APPROVAL',
      weight: 0.2,
      awaiting: { weight: 0.6, reason: expect.stringContaining('becomes 0.6') },
    });
    expect(world.alias()?.candidate?.weight).toBe(0.2);
  });

  it('goes on with the approved step, and asks again before the next one', async () => {
    const { world, id } = await begin('each-step');
    await tickUntil(world, id, 'PAUSED');

    await resumeRollout(world, approver(world), id, 'figures look right');
    await world.tick(id, GOOD);
    const approved = await world.rollout(id);
    await tickUntil(world, id, 'PAUSED');

    expect(approved).toMatchObject({ status: 'RUNNING', pauseReason: null, weight: 0.6, awaiting: null });
    expect(approved.approvals).toMatchObject([
      { weight: 0.6, actor: 'tok_erin', reason: 'figures look right' },
    ]);
    expect(await world.rollout(id)).toMatchObject({ pauseReason: 'APPROVAL', awaiting: { weight: 1 } });
  });

  it('tells who waits for what in an event', async () => {
    const { world, id } = await begin('each-step');

    await tickUntil(world, id, 'PAUSED');

    expect(world.store.events.at(-1)).toMatchObject({
      detailType: 'RolloutStepChanged',
      data: { status: 'PAUSED', pauseReason: 'APPROVAL', weight: 0.2 },
    });
  });

  it('rolls harm back while it waits', async () => {
    const { world, id } = await begin('each-step');
    await tickUntil(world, id, 'PAUSED');

    for (let minute = 0; minute < 10; minute += 1) {
      if ((await world.tick(id, { incumbent: [400, 0], candidate: [200, 200] })).finished) break;
    }

    expect(await world.rollout(id)).toMatchObject({ outcome: 'ROLLED_BACK' });
  });

  it('is not ended by a night without callers while it waits', async () => {
    const { world, id } = await begin('each-step');
    await tickUntil(world, id, 'PAUSED');

    for (let minute = 0; minute < 300; minute += 1) await world.tick(id);

    expect(await world.rollout(id)).toMatchObject({ status: 'PAUSED', pauseReason: 'APPROVAL' });
  });
});

describe('a rollout with an approval before promotion', () => {
  it('takes its steps by itself and is promoted once approved', async () => {
    const { world, id } = await begin('before-promotion');
    await tickUntil(world, id, 'PAUSED');
    const waiting = await world.rollout(id);

    await resumeRollout(world, approver(world), id);
    await tickUntil(world, id, 'COMPLETED');

    expect(waiting).toMatchObject({ weight: 0.6, awaiting: { weight: 1 } });
    expect(await world.rollout(id)).toMatchObject({ outcome: 'PROMOTED' });
  });

  it('waits before all at once, and moves the traffic with the approval', async () => {
    const { world, id } = await begin('before-promotion', 'all-at-once');
    const waiting = await world.rollout(id);
    const aliasBefore = world.alias();

    const { value } = await resumeRollout(world, approver(world), id);

    expect(waiting).toMatchObject({ status: 'PAUSED', pauseReason: 'APPROVAL', weight: 0 });
    expect(aliasBefore?.primary).toBe('1');
    expect(value).toMatchObject({ outcome: 'PROMOTED' });
  });
});

describe('an approval', () => {
  it('takes the role approver', async () => {
    const { world, id } = await begin('each-step');
    await tickUntil(world, id, 'PAUSED');

    await expect(resumeRollout(world, operator(world), id)).rejects.toThrow(ForbiddenError);
  });

  it('is not for whoever started the rollout', async () => {
    const { world, id } = await begin('each-step');
    await tickUntil(world, id, 'PAUSED');

    await expect(resumeRollout(world, world.context(), id)).rejects.toThrow(OwnWorkError);
  });

  it('is not for the author of the version', async () => {
    const { world, id } = await begin('each-step');
    await tickUntil(world, id, 'PAUSED');

    await expect(resumeRollout(world, world.context({ actor: 'tok_bob' }), id)).rejects.toThrow(OwnWorkError);
  });

  it('is for whoever approved the version that thereby rolls out', async () => {
    const { world, id } = await begin('each-step', 'canary', 'approval');
    await tickUntil(world, id, 'PAUSED');

    const { value } = await resumeRollout(world, world.context(), id);

    expect(value).toMatchObject({ status: 'RUNNING', awaiting: null });
  });

  it('is for anybody with the role when the model allows own work', async () => {
    const { world, id } = await begin('each-step');
    world.allowOwnWork = true;
    await tickUntil(world, id, 'PAUSED');

    const { value } = await resumeRollout(world, world.context(), id);

    expect(value).toMatchObject({ status: 'RUNNING' });
  });

  it('is needed for a promotion by hand as well', async () => {
    const { world, id } = await begin('before-promotion');

    await expect(promoteRolloutNow(world, operator(world), id, 'hurry')).rejects.toThrow(ForbiddenError);
    const { value } = await promoteRolloutNow(
      world,
      world.context({ actor: 'tok_erin' }),
      id,
      'known to be good',
    );

    expect(value).toMatchObject({
      outcome: 'PROMOTED',
      approvals: [{ actor: 'tok_erin', weight: 1, reason: 'known to be good' }],
    });
  });

  it('is asked for by the model’s policy, whatever the caller named', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion();
    world.requireApprovals('before-promotion');

    const { value } = await startRollout(world, world.context(), {
      ...{ endpoint: 'flights', version: 2, strategy: 'all-at-once', policy: {}, trigger: 'request' },
    });

    expect(value.policy.approvals).toBe('before-promotion');
  });

  it('never holds up going back', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion();
    world.requireApprovals('each-step');

    const { value } = await startRollout(world, world.context(), {
      ...{ endpoint: 'flights', version: 2, strategy: 'all-at-once', policy: {}, trigger: 'rollback' },
    });

    expect(value.policy.approvals).toBe('none');
  });
});
