import { beforeAll, describe, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { buildLookup } from '../support/lookup-model.ts';
import { type Harm, sabotage } from '../support/saboteur.ts';
import { useCloud } from '../support/shared-cloud.ts';
import { callSteadily } from '../support/traffic.ts';

const getCloud = useCloud();
const INCUMBENT = Array.from({ length: 1000 }, (_, i) => i);
const CANDIDATE = [0, 1, 2];
/** The incumbent has an answer to it, the candidate has none. */
const ROW = { inputs: { x: [500] } };
/** A minute's captures are complete 45 s after it, and a tick comes every minute: three minutes, and some air. */
const JUDGED_SECONDS = 240;
let caller: CloudCaller;

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'faults');
  const input = {
    task: 'regression',
    signature: {
      inputs: [{ name: 'x', type: 'long' }],
      outputs: [{ name: 'y', type: 'double' }],
    },
  };
  await caller.register('lookup', buildLookup(INCUMBENT), { input });
  await caller.register('lookup', buildLookup(CANDIDATE), { input });
});

async function start(endpoint: string, policy: object): Promise<string> {
  const input = { version: 2, strategy: 'canary', policy: { firstWeight: 0.5, stepMinutes: 1, ...policy } };
  const { status, body } = await caller.call('POST', `/api/v1/endpoints/${endpoint}/rollouts`, input);
  if (status !== 202) throw new Error(JSON.stringify(body));
  const path = `/api/v1/rollouts/${body.id}`;
  await caller.until(path, (reply) => reply.body.status !== 'PENDING', 180);
  return path;
}

// Most of each test is waiting for the next minute: together they take no longer than one.
describe.concurrent('a candidate', () => {
  it.for<[Harm, string, number]>([
    ['throws', 'throwing', 300],
    // Each of these calls costs a start.
    ['exits', 'exiting', 1000],
    // Each call that hangs keeps an environment for 29 s.
    ['times out', 'hanging', 2000],
    ['fails in INIT', 'broken', 1000],
  ])('that %s is stopped as erroneous', async ([harm, endpoint, everyMs], { expect }) => {
    const url = await caller.serve(endpoint, 'lookup');
    await sabotage(getCloud(), caller.tenant, endpoint, harm);
    const rollout = await start(endpoint, {});

    const traffic = callSteadily(caller, url, ROW, everyMs);
    const { body } = await caller.until(rollout, isCompleted, JUDGED_SECONDS);
    const answers = await traffic.stop();
    const after = await callTimes(url, 20);

    expect(body).toMatchObject({ outcome: 'ROLLED_BACK', weight: 0 });
    expect(body.reason).toMatch(/error|crash|fail/i);
    expect(body.reason).not.toMatch(/NO_DATA|silen/i);
    // Whoever was answered was answered by the incumbent, and the candidate's callers were told so.
    expect(answers.filter(({ status }) => status === 200).every(({ version }) => version === '1')).toBe(true);
    expect(answers.filter(({ version }) => version === '1').every(({ status }) => status === 200)).toBe(true);
    expect(answers.some(({ status }) => status >= 500)).toBe(true);
    expect(after).toEqual(Array(20).fill({ status: 200, version: '1' }));
  });

  it('whose model fails on what callers send is stopped as erroneous', async ({ expect }) => {
    const url = await caller.serve('failing', 'lookup');
    const rollout = await start('failing', {});

    const traffic = callSteadily(caller, url, ROW, 300);
    const { body } = await caller.until(rollout, isCompleted, JUDGED_SECONDS);
    await traffic.stop();
    const metrics = await caller.call('GET', '/api/v1/endpoints/failing/metrics', undefined, 'viewer');

    expect(body).toMatchObject({ outcome: 'ROLLED_BACK', weight: 0 });
    expect(body.reason).toMatch(/error/i);
    const candidate = metrics.body.versions.find(({ version }: { version: number }) => version === 2);
    expect(candidate.errors).toBe(candidate.requests);
    expect(body.decisions[0].statistics.candidate.errors).toBeGreaterThan(0);
    expect(await callTimes(url, 10)).toEqual(Array(10).fill({ status: 200, version: '1' }));
  });

  it('without traffic is paused and never promoted', async ({ expect }) => {
    await caller.serve('quiet', 'lookup');
    const rollout = await start('quiet', { noDataMinutes: 1, minRequestsPerStep: 0 });

    const paused = await caller.until(rollout, ({ body }) => body.status !== 'RUNNING', JUDGED_SECONDS);

    expect(paused.body).toMatchObject({ status: 'PAUSED', pauseReason: 'NO_DATA', weight: 0.5 });
    expect(paused.body.outcome).toBeNull();
    const aborted = await caller.call('POST', `${rollout}/abort`, {});
    expect(aborted.body).toMatchObject({ status: 'COMPLETED', outcome: 'ABORTED', weight: 0 });
  });
});

function isCompleted({ body }: { body: { status?: string } }): boolean {
  return body.status === 'COMPLETED';
}

async function callTimes(url: string, times: number) {
  const answers = [];
  for (let i = 0; i < times; i += 1) {
    const { status, headers } = await caller.call('POST', `${url}/invocations`, ROW, 'invoker');
    answers.push({ status, version: headers.get('x-model-version') });
  }
  return answers;
}
