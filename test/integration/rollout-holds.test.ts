import { GetAliasCommand, LambdaClient, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import { beforeAll, describe, it } from 'vitest';
import { makeRunTimeNames } from '../../domain/deployment/run-time-resources.ts';
import { rootSettings } from '../support/aws.ts';
import { CloudCaller } from '../support/cloud-caller.ts';
import { buildLookup } from '../support/lookup-model.ts';
import { useCloud } from '../support/shared-cloud.ts';
import { callSteadily } from '../support/traffic.ts';

const getCloud = useCloud();
const NUMBERS = Array.from({ length: 100 }, (_, i) => i);
const ROW = { inputs: { x: [5] } };
/** A minute's captures are complete 45 s after it, and a tick comes every minute. */
const JUDGED_SECONDS = 300;
const CANARY = { strategy: 'canary', policy: { firstWeight: 0.5, weightStep: 0.4, stepMinutes: 1 } };
let caller: CloudCaller;
let frozen: CloudCaller;

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'holds');
  frozen = await CloudCaller.forNewTenant(getCloud(), 'frozen');
  const signature = {
    inputs: [{ name: 'x', type: 'long' }],
    outputs: [{ name: 'y', type: 'double' }],
  };
  await Promise.all(
    [caller, frozen].map(async (one) => {
      await one.register('lookup', buildLookup(NUMBERS), { input: { task: 'regression', signature } });
      await one.register('lookup', buildLookup(NUMBERS), { input: { task: 'regression', signature } });
    }),
  );
});

async function start(by: CloudCaller, endpoint: string, input: object): Promise<string> {
  const { status, body } = await by.call('POST', `/api/v1/endpoints/${endpoint}/rollouts`, {
    version: 2,
    ...input,
  });
  if (status !== 202) throw new Error(JSON.stringify(body));
  const path = `/api/v1/rollouts/${body.id}`;
  await by.until(path, (reply) => reply.body.status !== 'PENDING', 180);
  return path;
}

describe.concurrent('a rollout', () => {
  it('waits for an approver before all at once, and an operator is refused', async ({ expect }) => {
    const url = await caller.serve('approved', 'lookup');
    const policy = { approvals: 'before-promotion' };
    const rollout = await start(caller, 'approved', { strategy: 'all-at-once', policy });
    const waiting = await caller.call('GET', rollout);
    const before = await caller.call('POST', `${url}/invocations`, ROW);

    const refused = await caller.call('POST', `${rollout}/resume`, {});
    const approved = await caller.call('POST', `${rollout}/resume`, { reason: 'seen' }, 'approver');

    expect(waiting.body).toMatchObject({
      status: 'PAUSED',
      pauseReason: 'APPROVAL',
      awaiting: { weight: 1 },
    });
    expect(before.headers.get('x-model-version')).toBe('1');
    expect(refused.status).toBe(403);
    expect(approved.body).toMatchObject({ outcome: 'PROMOTED', approvals: [{ reason: 'seen' }] });
  });

  it('waits between steps, and takes the step that was approved', async ({ expect }) => {
    const url = await caller.serve('stepwise', 'lookup');
    // Equal arms take no proof of no harm, so that the first step is soon over.
    const policy = { ...CANARY.policy, firstWeight: 0.2, weightStep: 0.3, approvals: 'each-step' };
    const rollout = await start(caller, 'stepwise', { ...CANARY, policy });
    const traffic = callSteadily(caller, url, ROW, 200);
    const waiting = await caller.until(rollout, ({ body }) => body.status !== 'RUNNING', JUDGED_SECONDS);

    await caller.call('POST', `${rollout}/resume`, {}, 'approver');
    const moved = await caller.until(rollout, ({ body }) => body.weight > 0.2, JUDGED_SECONDS);
    await traffic.stop();
    await caller.call('POST', `${rollout}/abort`, {});

    expect(waiting.body).toMatchObject({ pauseReason: 'APPROVAL', weight: 0.2, awaiting: { weight: 0.5 } });
    expect(moved.body).toMatchObject({ weight: 0.5, awaiting: null });
    // Two judged minutes of each weight, one after the other.
  }, 480_000);

  it('is held by a freeze, which refuses others and lets it go on afterwards', async ({ expect }) => {
    await frozen.serve('calm', 'lookup');
    await frozen.serve('other', 'lookup');
    const rollout = await start(frozen, 'calm', CANARY);
    const hour = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const windows = [{ from: hour(-1), to: hour(1), reason: 'Year’s end' }];

    const put = await frozen.call('PUT', '/api/v1/freeze-calendar', { windows }, 'admin');
    const refused = await frozen.call('POST', '/api/v1/endpoints/other/rollouts', { version: 2, ...CANARY });
    const held = await frozen.until(rollout, ({ body }) => body.status === 'PAUSED', JUDGED_SECONDS);
    await frozen.call('PUT', '/api/v1/freeze-calendar', { windows: [] }, 'admin');
    const freed = await frozen.until(rollout, ({ body }) => body.pauseReason !== 'FREEZE', JUDGED_SECONDS);
    await frozen.call('POST', `${rollout}/abort`, {});

    expect(put.body.current).toMatchObject({ to: windows[0]?.to });
    expect(refused).toMatchObject({ status: 409, body: { code: 'CHANGE_FREEZE' } });
    expect(held.body).toMatchObject({ pauseReason: 'FREEZE', weight: 0.5 });
    expect(freed.body).toMatchObject({ outcome: null, weight: 0.5 });
  });

  it('puts its weight back when somebody else has changed it, and tells so', async ({ expect }) => {
    await caller.serve('meddled', 'lookup');
    const rollout = await start(caller, 'meddled', CANARY);
    const client = new LambdaClient(rootSettings(getCloud()));
    const alias = {
      FunctionName: makeRunTimeNames('perennial').functionName(caller.tenant, 'meddled'),
      Name: 'live',
    };
    const { FunctionVersion } = await client.send(new GetAliasCommand(alias));
    const RoutingConfig = { AdditionalVersionWeights: {} };

    await client.send(new UpdateAliasCommand({ ...alias, FunctionVersion, RoutingConfig }));
    const told = await caller.until(rollout, ({ body }) => body.steps.length > 1, JUDGED_SECONDS);
    const after = await client.send(new GetAliasCommand(alias));
    await caller.call('POST', `${rollout}/abort`, {});

    expect(told.body.steps.at(-1)).toMatchObject({ weight: 0.5 });
    expect(told.body.steps.at(-1).reason).toContain('from outside the rollout');
    expect(Object.values(after.RoutingConfig?.AdditionalVersionWeights ?? {})).toEqual([0.5]);
  });
});
