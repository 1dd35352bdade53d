import { describe, expect, it } from 'vitest';
import { type StageMove, setModelVersionStage } from '../../../../domain/registry/change-stage.ts';
import {
  decideApproval,
  listApprovals,
  requestApproval,
} from '../../../../domain/registry/decide-approval.ts';
import { deleteModel } from '../../../../domain/registry/manage-models.ts';
import { deleteModelVersion, getModelVersion } from '../../../../domain/registry/manage-versions.ts';
import { getModelHistory } from '../../../../domain/registry/model-history.ts';
import { findFailedGates, getModelPolicy, putModelPolicy } from '../../../../domain/registry/model-policy.ts';
import type { Stage } from '../../../../domain/registry/shapes.ts';
import { policyInput } from '../../../../domain/registry/shapes.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext();
const bob = makeTestContext({ actor: 'tok_bob' });

async function makeWorld(versions: number, policy?: Record<string, unknown>) {
  const world = new RegistryWorld();
  await world.model();
  if (policy !== undefined) await world.policy(policy);
  for (let i = 0; i < versions; i++) await world.version();
  return world;
}

function move(world: RegistryWorld, ref: number, stage: Stage, more: Partial<StageMove> = {}, by = context) {
  const input = { stage, archiveExisting: false, reason: '', ...more };
  return setModelVersionStage(world.store, by, { name: 'churn', ref }, input);
}

function decide(world: RegistryWorld, ref: number, decision: 'approved' | 'rejected', reason = 'because') {
  return decideApproval(world.store, bob, { name: 'churn', ref }, { decision, reason });
}

async function stages(world: RegistryWorld, versions: number) {
  const views = await Promise.all(
    Array.from({ length: versions }, (_, i) =>
      getModelVersion(world.store, context, { name: 'churn', ref: i + 1 }),
    ),
  );
  return views.map(({ stage }) => stage);
}

describe('setModelVersionStage', () => {
  it('moves a version and says so', async () => {
    const world = await makeWorld(1);

    await move(world, 1, 'production', { reason: 'go' });

    expect(await stages(world, 1)).toEqual(['production']);
    expect(world.eventData('ModelVersionStageChanged')).toEqual([
      { model: 'churn', version: 1, from: 'none', to: 'production', reason: 'go' },
    ]);
  });

  it('archives what is there when asked, at one moment', async () => {
    const world = await makeWorld(2);
    await move(world, 1, 'production');

    await move(world, 2, 'production', { archiveExisting: true });

    expect(await stages(world, 2)).toEqual(['archived', 'production']);
  });

  it('archives more than one commit takes', async () => {
    const world = await makeWorld(32);
    for (let i = 1; i <= 31; i++) await move(world, i, 'staging');

    await move(world, 32, 'staging', { archiveExisting: true });

    expect((await stages(world, 32)).filter((stage) => stage === 'archived')).toHaveLength(31);
  });

  it('leaves two versions in a stage otherwise', async () => {
    const world = await makeWorld(2);

    await move(world, 1, 'staging');
    await move(world, 2, 'staging');

    expect(await stages(world, 2)).toEqual(['staging', 'staging']);
  });

  it('changes nothing when the version is there already', async () => {
    const world = await makeWorld(1);
    await move(world, 1, 'staging');

    await move(world, 1, 'staging');

    expect(world.eventData('ModelVersionStageChanged')).toHaveLength(1);
  });

  it('refuses versions that are not READY', async () => {
    const world = await makeWorld(0);
    world.checksRun = false;
    await world.version();

    await expect(move(world, 1, 'staging')).rejects.toThrow('is CHECKING; only READY versions go to staging');
    await expect(move(world, 1, 'archived')).resolves.toBeDefined();
  });

  it('refuses production without the approval that the policy asks for', async () => {
    const world = await makeWorld(1, { approval: { required: true } });

    await expect(move(world, 1, 'production')).rejects.toMatchObject({
      code: 'APPROVAL_MISSING',
      status: 422,
    });
    await expect(move(world, 1, 'staging')).resolves.toBeDefined();
  });

  it('refuses production when a gate does not hold, and says which', async () => {
    const world = await makeWorld(0, { gates: [{ metric: 'auc', min: 0.8 }] });
    await world.version({ metrics: { auc: 0.7 } });
    await world.version({ metrics: { auc: 0.9 } });

    await expect(move(world, 1, 'production')).rejects.toThrow('auc is 0.7, at least 0.8 is asked');
    await expect(move(world, 2, 'production')).resolves.toBeDefined();
  });

  it('refuses a version that was rejected', async () => {
    const world = await makeWorld(1);
    await decide(world, 1, 'rejected', 'leaks the label');

    await expect(move(world, 1, 'staging')).rejects.toThrow('was rejected: leaks the label');
  });

  it('honours If-Match', async () => {
    const world = await makeWorld(1);

    await expect(move(world, 1, 'staging', { ifMatch: 1 })).rejects.toMatchObject({ status: 412 });
  });

  it('keeps a version in production from being deleted', async () => {
    const world = await makeWorld(1);
    await move(world, 1, 'production');

    await expect(deleteModelVersion(world.store, context, { name: 'churn', ref: 1 })).rejects.toMatchObject({
      code: 'IN_USE',
    });
    await expect(deleteModel(world.store, context, 'churn')).rejects.toThrow('Version 1');
  });
});

describe('findFailedGates', () => {
  it.each([
    [{ metric: 'auc', min: 0.8 }, {}, ['auc was not recorded']],
    [{ metric: 'auc', min: 0.8 }, { auc: Number.NaN }, ['auc was not recorded']],
    [{ metric: 'rmse', max: 2 }, { rmse: 3 }, ['rmse is 3, at most 2 is allowed']],
    [{ metric: 'rmse', min: 0, max: 2 }, { rmse: 2 }, []],
  ])('of %j with %j are %j', (gate, metrics, expected) => {
    expect(findFailedGates([gate], metrics)).toEqual(expected);
  });
});

describe('the policy of a model', () => {
  it('asks for nothing until it is set', async () => {
    const world = await makeWorld(0);

    const policy = await getModelPolicy(world.store, context, 'churn');

    expect(policy).toMatchObject({
      approval: { required: false, allowOwnWork: false },
      gates: [],
      rollout: null,
      rollOutOnApproval: false,
      revision: 0,
    });
  });

  it('is replaced as a whole', async () => {
    const world = await makeWorld(0, { approval: { required: true } });

    const put = await world.policy({ gates: [{ metric: 'auc', min: 0.5 }] });

    expect(put).toMatchObject({ approval: { required: false }, gates: [{ metric: 'auc' }], revision: 2 });
    expect(await getModelPolicy(world.store, context, 'churn')).toEqual(put);
    expect(world.eventTypes()).toContain('ModelPolicyChanged');
  });

  it('honours If-Match, before the first change too', async () => {
    const world = await makeWorld(0);
    const put = (ifMatch: number) =>
      putModelPolicy(world.store, context, 'churn', policyInput.parse({}), ifMatch);

    await expect(put(3)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    await expect(put(0)).resolves.toMatchObject({ revision: 1 });
  });
});

describe('decideApproval', () => {
  it('approves, and carries the rollout when the policy asks for it', async () => {
    const policy = { approval: { required: true }, rollOutOnApproval: true, rollout: { strategy: 'canary' } };
    const world = await makeWorld(1, policy);

    const approval = await decide(world, 1, 'approved', 'good');

    expect(approval).toMatchObject({
      version: 1,
      decision: 'approved',
      reason: 'good',
      decidedBy: 'tok_bob',
    });
    expect(world.eventData('ModelVersionApproved')).toMatchObject([
      {
        model: 'churn',
        version: 1,
        reason: 'good',
        decidedBy: 'tok_bob',
        rollOut: { strategy: 'canary', policy: {} },
      },
    ]);
    await expect(move(world, 1, 'production')).resolves.toBeDefined();
  });

  it('starts no rollout unless the policy asks for it', async () => {
    const world = await makeWorld(1);

    await decide(world, 1, 'approved');

    expect(world.eventData('ModelVersionApproved')).toMatchObject([{ rollOut: null }]);
  });

  it('leaves the default of the rollout to the deployment when the policy names none', async () => {
    const world = await makeWorld(1, { rollOutOnApproval: true });

    await decide(world, 1, 'approved');

    expect(world.eventData('ModelVersionApproved')).toMatchObject([
      { rollOut: { strategy: null, policy: {} } },
    ]);
  });

  it('is not for the author, unless the policy allows it', async () => {
    const world = await makeWorld(1);
    const own = () =>
      decideApproval(world.store, context, { name: 'churn', ref: 1 }, { decision: 'approved', reason: '' });

    await expect(own()).rejects.toMatchObject({ code: 'OWN_WORK', status: 403 });
    await world.policy({ approval: { allowOwnWork: true } });
    await expect(own()).resolves.toMatchObject({ decision: 'approved' });
  });

  it('refuses versions that are not READY', async () => {
    const world = await makeWorld(0);
    world.checksRun = false;
    await world.version();

    await expect(decide(world, 1, 'approved')).rejects.toThrow('only READY versions are decided on');
  });

  it('brings the last approved version back when what is in production is rejected', async () => {
    const world = await makeWorld(3, { approval: { required: true } });
    await decide(world, 1, 'approved');
    await decide(world, 2, 'approved');
    await move(world, 1, 'production');
    await move(world, 2, 'production', { archiveExisting: true });

    await decide(world, 2, 'rejected', 'discriminates');

    expect(await stages(world, 3)).toEqual(['production', 'archived', 'none']);
    expect(world.eventData('ModelVersionRejected')).toEqual([
      {
        model: 'churn',
        version: 2,
        reason: 'discriminates',
        decidedBy: 'tok_bob',
        wasApproved: true,
        stage: 'production',
        goBackTo: 1,
      },
    ]);
  });

  it('names a newer approved version when there is none before, and null when there is none at all', async () => {
    const world = await makeWorld(2);

    await decide(world, 1, 'rejected');
    await decide(world, 2, 'rejected');

    expect(world.eventData('ModelVersionRejected')).toMatchObject([{ goBackTo: 2 }, { goBackTo: null }]);
  });

  it('takes the only version out of production without another to bring back', async () => {
    const world = await makeWorld(1);
    await move(world, 1, 'production');

    await decide(world, 1, 'rejected');

    expect(await stages(world, 1)).toEqual(['archived']);
  });

  it('keeps every decision, newest first', async () => {
    const world = await makeWorld(1);
    await decide(world, 1, 'approved', 'first');
    await decideApproval(
      world.store,
      makeTestContext({ actor: 'tok_bob', nowMs: NOON_MS + 1 }),
      { name: 'churn', ref: 1 },
      { decision: 'rejected', reason: 'second' },
    );

    const page = await listApprovals(world.store, context, { name: 'churn', ref: 1 }, { limit: 10 });

    expect(page.items.map(({ reason }) => reason)).toEqual(['second', 'first']);
  });
});

describe('requestApproval', () => {
  it('asks when the policy wants an approval that is not there', async () => {
    const world = await makeWorld(1, { approval: { required: true } });

    const answer = await requestApproval(
      world.store,
      context,
      { name: 'churn', ref: 1 },
      'beats the champion',
    );

    expect(answer).toEqual({ version: 1, approval: 'pending', rollOutOnApproval: false });
    expect(world.eventData('ModelVersionApprovalRequested')).toEqual([
      { model: 'churn', version: 1, reason: 'beats the champion' },
    ]);
  });

  it('asks nobody otherwise', async () => {
    const world = await makeWorld(1, { rollOutOnApproval: true });

    const answer = await requestApproval(world.store, context, { name: 'churn', ref: 1 }, '');

    expect(answer).toMatchObject({ approval: 'not-required', rollOutOnApproval: true });
    expect(world.eventTypes()).not.toContain('ModelVersionApprovalRequested');
  });
});

describe('getModelHistory', () => {
  it('tells what was in each stage at a time', async () => {
    const world = await makeWorld(2);
    const at = (minute: number) => makeTestContext({ nowMs: NOON_MS + minute * 60_000 });
    await move(world, 1, 'production', {}, at(1));
    await move(world, 2, 'staging', {}, at(2));
    await move(world, 2, 'production', { archiveExisting: true }, at(3));

    const then = await getModelHistory(world.store, context, 'churn', '2026-03-01T12:02:00.000Z');
    const now = await getModelHistory(world.store, at(4), 'churn');

    expect(then.stages).toEqual({ staging: [2], production: [1], archived: [] });
    expect(now).toMatchObject({
      at: '2026-03-01T12:04:00.000Z',
      stages: { staging: [], production: [2], archived: [1] },
    });
    expect(now.changes).toHaveLength(4);
    expect(now.changes.at(-1)).toMatchObject({ version: 1, from: 'none', to: 'production', by: 'tok_alice' });
  });

  it('takes a deleted version out of its stage', async () => {
    const world = await makeWorld(1);
    await move(world, 1, 'staging');

    await deleteModelVersion(world.store, makeTestContext({ nowMs: NOON_MS + 1 }), { name: 'churn', ref: 1 });

    const history = await getModelHistory(world.store, makeTestContext({ nowMs: NOON_MS + 2 }), 'churn');
    expect(history.stages.staging).toEqual([]);
  });
});
