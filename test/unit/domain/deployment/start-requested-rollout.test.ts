import { describe, expect, it } from 'vitest';
import {
  type BusEvent,
  startRequestedRollout,
} from '../../../../domain/deployment/start-requested-rollout.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { ForbiddenError } from '../../../../domain/shared/domain-error.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

async function serve(): Promise<DeploymentWorld> {
  const world = new DeploymentWorld();
  await world.serveFirstVersion();
  return world;
}

const react = (world: DeploymentWorld, event: BusEvent) =>
  startRequestedRollout(world, (tenant, actor) => world.context({ tenant, actor }), event);

function request(detail: object, source = 'perennial.tenant.acme'): BusEvent {
  return { id: 'bus-1', source, 'detail-type': 'RolloutRequested', detail };
}

function registryEvent(detailType: string, data: object): BusEvent {
  const detail = {
    eventId: 'evt_1',
    schemaVersion: 1,
    installation: 'perennial',
    tenant: 'acme',
    actor: 'tok_bob',
    requestId: 'request-1',
    occurredAt: '2026-03-01T12:00:00.000Z',
    resource: 'models/delays/versions/2',
    sequence: 2,
    data,
  };
  return { id: 'bus-2', source: 'perennial.registry', 'detail-type': detailType, detail };
}

const approved = (rollOut: object | null) =>
  registryEvent('ModelVersionApproved', {
    model: 'delays',
    version: 2,
    reason: '',
    decidedBy: 'tok_bob',
    rollOut,
  });

const rejected = (version: number, goBackTo: number | null) =>
  registryEvent('ModelVersionRejected', {
    ...{ model: 'delays', version, reason: 'biased', decidedBy: 'tok_bob' },
    ...{ wasApproved: true, stage: 'production', goBackTo },
  });

describe('a request on the requests bus', () => {
  it("starts a rollout of its principal's tenant", async () => {
    const world = await serve();

    const { started } = await react(
      world,
      request({ endpoint: 'flights', version: 2, strategy: 'all-at-once' }),
    );

    expect(await world.rollout(started[0] ?? '')).toMatchObject({
      trigger: 'event',
      createdBy: 'requests-bus',
    });
  });

  it("is refused when it names another tenant than its principal's", async () => {
    const world = await serve();

    const event = request({ tenant: 'acme', endpoint: 'flights', version: 2 }, 'perennial.tenant.umbrella');

    await expect(react(world, event)).rejects.toThrow(ForbiddenError);
    expect(world.runner.started).toHaveLength(1);
  });

  it('is refused from a source that is no tenant', async () => {
    const world = await serve();

    const event = request({ endpoint: 'flights', version: 2 }, 'somebody.else');

    await expect(react(world, event)).rejects.toThrow(ForbiddenError);
  });

  it('starts nothing twice when it is delivered twice', async () => {
    const world = await serve();
    const event = request({ endpoint: 'flights', version: 2, strategy: 'all-at-once' });
    const { started } = await react(world, event);
    await world.runMachine(started[0] ?? '');

    expect(await react(world, event)).toEqual({ started: [] });
  });
});

describe('an approval', () => {
  it('rolls out on the endpoints of the model when its policy says so', async () => {
    const world = await serve();

    const { started } = await react(world, approved({ strategy: 'canary', policy: { firstWeight: 0.3 } }));

    const rollout = await world.rollout(started[0] ?? '');
    expect(rollout).toMatchObject({ trigger: 'approval', strategy: 'canary', createdBy: 'tok_bob' });
    expect(rollout.policy.firstWeight).toBe(0.3);
  });

  it('starts where it can although one endpoint is busy, and is repeated for that one', async () => {
    const world = await serve();
    await world.serveFirstVersion({ name: 'arrivals' });
    const busy = { endpoint: 'arrivals', version: 2, trigger: 'request' as const };
    await startRollout(world, world.context(), busy);

    const reaction = react(world, approved({ strategy: null, policy: {} }));

    await expect(reaction).rejects.toThrow('1 endpoints could not roll out yet.');
    const { items } = await world.store.list(world.context().tenant, 'rollouts#flights', { limit: 10 });
    expect(items[0]?.value).toMatchObject({ trigger: 'approval', version: 2 });
  });

  it('starts nothing when the policy says nothing', async () => {
    const world = await serve();

    expect(await react(world, approved(null))).toEqual({ started: [] });
  });

  it('starts nothing on endpoints of other models', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion({ model: 'prices' });

    expect(await react(world, approved({ strategy: null, policy: {} }))).toEqual({ started: [] });
  });

  it('counts a version that needs no approval as approved', async () => {
    const world = await serve();
    const event = registryEvent('ModelVersionRegistered', {
      ...{ model: 'delays', version: 2, servable: true, approval: 'not-required', source: 'training' },
      ...{ lineage: {}, rollOut: { strategy: null, policy: {} } },
    });

    expect((await react(world, event)).started).toHaveLength(1);
  });
});

describe('a rejection', () => {
  it('brings back the last approved version where the rejected one serves', async () => {
    const world = await serve();
    const request = { endpoint: 'flights', version: 2, strategy: 'all-at-once', trigger: 'request' } as const;
    await world.runMachine((await startRollout(world, world.context(), request)).value.id);

    const { started } = await react(world, rejected(2, 1));
    await world.runMachine(started[0] ?? '');

    expect(await world.endpoint()).toMatchObject({ version: 1 });
    expect(await world.rollout(started[0] ?? '')).toMatchObject({ trigger: 'rejection' });
    expect(await react(world, rejected(2, 1))).toEqual({ started: [] });
  });

  it('stops a candidate', async () => {
    const world = await serve();
    const request = { endpoint: 'flights', version: 2, trigger: 'request' } as const;
    const { value } = await startRollout(world, world.context(), request);
    await world.runMachine(value.id);

    await react(world, rejected(2, 1));

    expect(await world.rollout(value.id)).toMatchObject({ outcome: 'ABORTED' });
    expect(await world.endpoint()).toMatchObject({ version: 1 });
  });

  it('leaves what serves when there is nothing to go back to', async () => {
    const world = await serve();

    expect(await react(world, rejected(1, null))).toEqual({ started: [] });
    expect(await world.endpoint()).toMatchObject({ version: 1, status: 'IN_SERVICE' });
  });
});
