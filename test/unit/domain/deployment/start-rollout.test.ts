import { describe, expect, it } from 'vitest';
import { RolloutRunningError, StrategyNotSupportedError } from '../../../../domain/deployment/errors.ts';
import { parsePolicy } from '../../../../domain/deployment/judge/policy.ts';
import { listRollouts } from '../../../../domain/deployment/read-deployment.ts';
import { toRolloutView } from '../../../../domain/deployment/rollout.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { InvalidInputError, NotFoundError } from '../../../../domain/shared/domain-error.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

const REQUEST = { endpoint: 'flights', version: 2, trigger: 'request' } as const;

async function serve(input: object = {}): Promise<DeploymentWorld> {
  const world = new DeploymentWorld();
  await world.serveFirstVersion(input);
  return world;
}

describe('startRollout', () => {
  it('starts a canary against what serves when nobody names a strategy', async () => {
    const world = await serve();

    const rollout = await startRollout(world, world.context(), REQUEST);

    expect(rollout.value).toMatchObject({
      strategy: 'canary',
      status: 'PENDING',
      incumbent: { version: 1, functionVersion: '1' },
      policy: { firstWeight: 0.1, weightStep: 0.1 },
    });
    expect((await world.endpoint()).rollout).toBe(rollout.value.id);
  });

  it("follows the model's policy when nobody names a strategy", async () => {
    const world = await serve();
    world.defaultRollout = { strategy: 'linear', policy: parsePolicy({ weightStep: 0.25, stepMinutes: 2 }) };

    const rollout = await startRollout(world, world.context(), REQUEST);

    expect(rollout.value).toMatchObject({
      strategy: 'linear',
      policy: { firstWeight: 0.25, stepMinutes: 2 },
    });
  });

  it('refuses a second one while one is under way', async () => {
    const world = await serve();
    await startRollout(world, world.context(), REQUEST);

    const second = startRollout(world, world.context(), { ...REQUEST, version: 3 });

    await expect(second).rejects.toThrow(RolloutRunningError);
  });

  it('refuses one of two that are started at the same moment', async () => {
    const world = await serve();

    const both = await Promise.allSettled([
      startRollout(world, world.context(), REQUEST),
      startRollout(world, world.context(), { ...REQUEST, version: 3 }),
    ]);

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toBeInstanceOf(RolloutRunningError);
    expect((await listRollouts(world.store, world.context(), 'flights', { limit: 10 })).items).toHaveLength(
      2,
    );
  });

  it('refuses the version that has all the traffic', async () => {
    const world = await serve();

    const same = startRollout(world, world.context(), { ...REQUEST, version: 1 });

    await expect(same).rejects.toThrow("has all the traffic of 'flights' already");
  });

  it.each(['ab-test', 'shadow'])('refuses %s, which is not built yet, by name', async (strategy) => {
    const world = await serve();

    const refused = startRollout(world, world.context(), { ...REQUEST, strategy });

    await expect(refused).rejects.toThrow(StrategyNotSupportedError);
  });

  it('names the field of a policy that is wrong', async () => {
    const world = await serve();

    const refused = startRollout(world, world.context(), {
      ...REQUEST,
      strategy: 'canary',
      policy: { firstWeight: 2 },
    });

    await expect(refused).rejects.toThrow(InvalidInputError);
    await expect(refused).rejects.toThrow('firstWeight');
  });

  it('refuses a judged strategy without capture', async () => {
    const world = await serve({ capture: { enabled: false } });

    const refused = startRollout(world, world.context(), REQUEST);

    await expect(refused).rejects.toThrow('capture is off');
  });

  it('has nothing to roll out on an external endpoint', async () => {
    const world = await serve({ target: 'external' });

    await expect(startRollout(world, world.context(), REQUEST)).rejects.toThrow('served elsewhere');
  });

  it('takes an absent endpoint, or one of another tenant, for absent', async () => {
    const world = await serve();

    const absent = startRollout(world, world.context({ tenant: 'umbrella' }), REQUEST);

    await expect(absent).rejects.toThrow(NotFoundError);
  });

  it('puts the first version of a failed endpoint on all at once', async () => {
    const world = new DeploymentWorld();
    world.functions.checkAnswer = { ok: false, reason: 'wrong answers' };
    await world.serveFirstVersion();
    world.functions.checkAnswer = { ok: true, maxDifference: 0, loadMs: 1 };

    const rollout = await startRollout(world, world.context(), REQUEST);
    await world.runMachine(rollout.value.id);

    expect(rollout.value).toMatchObject({ strategy: 'all-at-once', incumbent: null });
    expect(await world.endpoint()).toMatchObject({ status: 'IN_SERVICE', version: 2, reason: null });
  });

  it('shows a rollout without its inner state', async () => {
    const world = await serve();

    const view = toRolloutView(await startRollout(world, world.context(), REQUEST));

    expect(view).toMatchObject({ incumbentVersion: 1, weight: 0, outcome: null, revision: 1 });
    expect(view).not.toHaveProperty('judge');
    expect(view).not.toHaveProperty('generation');
  });
});
