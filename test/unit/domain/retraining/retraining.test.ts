import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { retrainingPolicyInput } from '../../../../domain/retraining/contract.ts';
import { evaluatePolicy } from '../../../../domain/retraining/evaluate-policy.ts';
import {
  handleRequest,
  handleTrigger,
  revisitOpenTriggers,
} from '../../../../domain/retraining/handle-trigger.ts';
import {
  deletePolicy,
  listEvaluations,
  listPolicies,
  putPolicy,
} from '../../../../domain/retraining/manage-policies.ts';
import { getPolicy, type Trigger, toPolicyView } from '../../../../domain/retraining/policy-records.ts';
import type { RetrainingWorld, TrainingRequest } from '../../../../domain/retraining/ports.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';

const MINUTE_MS = 60_000;
const context = makeTestContext({ actor: 'tok_owner' });
const drift: Trigger = {
  kind: 'drift',
  eventId: 'evt_1',
  occurredAt: '2026-03-01T11:59:00.000Z',
  verdict: 'SEVERE',
};
const input = (more: object = {}) =>
  retrainingPolicyInput.parse({
    endpoint: 'flights',
    pipeline: 'delays',
    minimumLabels: 500,
    cooldownMinutes: 60,
    ...more,
  });

let store: MemoryStore;
let facts: { labels: number; rollout: boolean; training: boolean; violations: string[]; exists: boolean };
let requests: (TrainingRequest & { actor: string })[];
let world: RetrainingWorld;

beforeEach(async () => {
  store = new MemoryStore();
  facts = { labels: 600, rollout: false, training: false, violations: [], exists: true };
  requests = [];
  world = {
    findEndpoint: async () => (facts.exists ? { version: 3, rolloutRunning: facts.rollout } : undefined),
    listQualityViolations: async () => facts.violations,
    countLabels: async () => facts.labels,
    isTraining: async () => facts.training,
    startTraining: async ({ actor }, request) => {
      requests.push({ ...request, actor });
      return { executionId: 'exe_1', dataset: 'flights', datasetVersion: 4 };
    },
  };
  await putPolicy(store, context, 'renew', input());
});

const trigger = (more: Partial<Trigger> = {}, nowMs = NOON_MS) =>
  handleTrigger({ store, world }, makeTestContext({ actor: 'system:monitoring', nowMs }), 'flights', {
    ...drift,
    ...more,
  });
const revisit = (nowMs: number) =>
  revisitOpenTriggers({ store, world }, (tenant) =>
    makeTestContext({ tenant, actor: 'system:schedule', nowMs }),
  );
const eventTypes = () =>
  store.events.map(({ detailType }) => detailType).filter((type) => type !== 'RetrainingPolicyChanged');

describe('a retraining policy', () => {
  it('starts a training on what the endpoint saw, in the name of whoever set the policy', async () => {
    const [evaluation] = await trigger();

    expect(evaluation).toMatchObject({
      decision: 'STARTED',
      executionId: 'exe_1',
      datasetVersion: 'flights/4',
    });
    expect(requests[0]).toMatchObject({
      actor: 'tok_owner',
      pipeline: 'delays',
      endpoint: 'flights',
      to: new Date(NOON_MS).toISOString(),
      from: new Date(NOON_MS - 30 * 24 * 60 * MINUTE_MS).toISOString(),
      idempotencyKey: 'renew/evt_1',
    });
    expect(eventTypes()).toEqual(['RetrainingStarted']);
    expect((await getPolicy(store, 'acme', 'renew')).value.lastStartedAt).toBe(
      new Date(NOON_MS).toISOString(),
    );
  });

  it.each([
    ['labels are too few', { labels: 499 }, 'TOO_FEW_LABELS', /499 labels have come for the window; 500/],
    ['a rollout runs', { rollout: true }, 'ROLLOUT_RUNNING', /rollout is under way on flights/],
    ['a training runs', { training: true }, 'TRAINING_RUNNING', /delays is training already/],
    [
      'the data is broken',
      { violations: ['distance: 1000 times'] },
      'DATA_QUALITY_BROKEN',
      /must not learn it: distance/,
    ],
  ])('waits while %s, and says so once', async (_case, found, reason, explanation) => {
    Object.assign(facts, found);

    const [evaluation] = await trigger();
    await revisit(NOON_MS + MINUTE_MS);

    expect(evaluation).toMatchObject({ decision: 'SKIPPED', skipReason: reason });
    expect(evaluation?.explanation).toMatch(explanation);
    expect(eventTypes()).toEqual(['RetrainingSkipped']);
    expect((await listEvaluations(store, 'acme', 'renew', { limit: 10 })).items).toHaveLength(1);
    expect(requests).toEqual([]);
  });

  it('starts as soon as what was missing has come', async () => {
    facts.labels = 10;
    await trigger();
    facts.labels = 700;

    const started = await revisit(NOON_MS + 5 * MINUTE_MS);
    const again = await revisit(NOON_MS + 6 * MINUTE_MS);

    expect([started, again]).toEqual([1, 0]);
    expect(eventTypes()).toEqual(['RetrainingSkipped', 'RetrainingStarted']);
  });

  it('holds its cooldown, whatever happens meanwhile', async () => {
    await trigger();

    const [tooSoon] = await trigger({ eventId: 'evt_2' }, NOON_MS + 59 * MINUTE_MS);
    const started = await revisit(NOON_MS + 60 * MINUTE_MS);

    expect(tooSoon?.explanation).toBe('The last training started 59 minutes ago; the policy waits for 60.');
    expect(started).toBe(1);
  });

  it.each([
    ['is switched off', { enabled: false }, drift, 'DISABLED'],
    ['ignores drift', { triggers: { drift: null } }, drift, 'TRIGGER_NOT_WATCHED'],
    [
      'asks for more drift',
      { triggers: { drift: 'SEVERE' } },
      { ...drift, verdict: 'MODERATE' },
      'TRIGGER_NOT_WATCHED',
    ],
    [
      'ignores performance',
      { triggers: { performance: false } },
      { ...drift, kind: 'performance' as const },
      'TRIGGER_NOT_WATCHED',
    ],
  ])('does nothing and does not wait when it %s', async (_case, more, happened, reason) => {
    await putPolicy(store, context, 'renew', input(more));

    const [evaluation] = await trigger(happened);

    expect(evaluation?.skipReason).toBe(reason);
    expect((await getPolicy(store, 'acme', 'renew')).value.openTrigger).toBeNull();
  });

  it('does not wait for an endpoint that is gone', async () => {
    facts.exists = false;

    const [evaluation] = await trigger();

    expect(evaluation?.skipReason).toBe('ENDPOINT_MISSING');
  });

  it('starts for lost quality and on request, and concerns its own endpoint only', async () => {
    const [lost] = await trigger({ kind: 'performance', verdict: undefined });
    const other = await handleTrigger({ store, world }, context, 'other', drift);
    await putPolicy(store, context, 'second', input());
    const asked = await handleRequest({ store, world }, context, 'second', {
      ...drift,
      kind: 'request',
      eventId: 'evt_3',
    });

    expect(lost?.decision).toBe('STARTED');
    expect(other).toEqual([]);
    expect(asked?.decision).toBe('STARTED');
    expect(await handleRequest({ store, world }, context, 'absent', drift)).toBeUndefined();
  });

  it('is read again when it changes while it is evaluated', async () => {
    const { startTraining } = world;
    world = {
      ...world,
      startTraining: async (...call) => {
        if (requests.length === 0) await putPolicy(store, context, 'renew', input({ minimumLabels: 1 }));
        return startTraining(...call);
      },
    };

    const [evaluation] = await trigger();

    expect(evaluation?.facts.minimumLabels).toBe(1);
    expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  it('keeps its history when it is replaced, and honours If-Match', async () => {
    await trigger();

    const { value, revision } = await putPolicy(
      store,
      makeTestContext({ actor: 'tok_bob' }),
      'renew',
      input({ append: true }),
    );

    expect(value).toMatchObject({
      createdBy: 'tok_owner',
      updatedBy: 'tok_bob',
      lastStartedAt: new Date(NOON_MS).toISOString(),
    });
    await expect(putPolicy(store, context, 'renew', input(), revision - 1)).rejects.toMatchObject({
      status: 412,
    });
    await expect(deletePolicy(store, context, 'renew', 99)).rejects.toMatchObject({ status: 412 });
  });

  it('is deleted with its open trigger', async () => {
    facts.labels = 0;
    await trigger();

    await deletePolicy(store, context, 'renew');

    expect(await revisit(NOON_MS)).toBe(0);
    expect((await listPolicies(store, 'acme', { limit: 10 })).items).toEqual([]);
    await expect(getPolicy(store, 'acme', 'renew')).rejects.toMatchObject({ status: 404 });
  });

  it('shows what it waits for, and not its own bookkeeping', async () => {
    facts.labels = 0;
    await trigger();

    const view = toPolicyView(await getPolicy(store, 'acme', 'renew'));

    expect(view.openTrigger).toEqual({ kind: 'drift', eventId: 'evt_1', occurredAt: drift.occurredAt });
    expect(view).not.toHaveProperty('lastSkip');
  });

  it('says that a training is asked for, or that quality was lost, in its explanation', async () => {
    const policy = await getPolicy(store, 'acme', 'renew');

    const asked = await evaluatePolicy({ store, world }, context, policy, { ...drift, kind: 'request' });

    expect(asked.explanation).toMatch(/^A training was requested; 600 labels/);
  });
});
