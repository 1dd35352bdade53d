import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { CloudCaller, type Reply } from '../support/cloud-caller.ts';
import { buildLookup } from '../support/lookup-model.ts';
import { startTestCloud } from '../support/test-cloud.ts';

/**
 * The emulator writes its state down every three seconds, and on a busy machine rests in proportion to what a
 * write took, twenty seconds at most: what was made before is on disk after this.
 */
const WRITTEN_DOWN_MS = 45_000;
/** A silent execution is replaced after 150 s, by a reconciler that comes every minute; then a minute is judged. */
const TAKEN_UP_SECONDS = 360;

let cloud: Cloud;
let caller: CloudCaller;

// Its own cloud: killing the suite's would end the tests of everybody else.
beforeAll(async () => {
  cloud = await startTestCloud();
  caller = await CloudCaller.forNewTenant(cloud, 'restart');
});

afterAll(() => cloud?.stop());

describe('a rollout whose execution was lost with the machine', () => {
  it('is taken up again and can be ended', { timeout: 480_000 }, async () => {
    const signature = { inputs: [{ name: 'x', type: 'long' }], outputs: [{ name: 'y', type: 'double' }] };
    const input = { task: 'regression', signature };
    for (const first of [1, 2]) await caller.register('lookup', buildLookup([first, 5, 6]), { input });
    const url = await caller.serve('enduring', 'lookup');
    const policy = { firstWeight: 0.5, stepMinutes: 60, noDataMinutes: 1440 };
    const started = await caller.call('POST', '/api/v1/endpoints/enduring/rollouts', {
      ...{ version: 2, strategy: 'canary', policy },
    });
    const path = `/api/v1/rollouts/${started.body.id}`;
    await caller.until(path, ({ body }) => body.status === 'RUNNING');
    await sleep(WRITTEN_DOWN_MS);

    await cloud.kill();
    const whileDown = await caller.call('GET', path);
    await cloud.restart();
    const restartedMs = Date.now();
    const served = await caller.until(`${url}/ping`, ({ status }) => status === 200);
    const resumed = await caller.until(path, hasJudgedSince(restartedMs), TAKEN_UP_SECONDS);
    console.log(`restart → next minute judged: ${Math.round((Date.now() - restartedMs) / 1000)} s`);
    const promoted = await caller.call('POST', `${path}/promote`, { reason: 'it held' });

    expect([whileDown.status, served.status]).toEqual([503, 200]);
    expect(resumed.body).toMatchObject({ status: 'RUNNING', weight: 0.5, outcome: null });
    expect(promoted.body).toMatchObject({ status: 'COMPLETED', outcome: 'PROMOTED', reason: 'it held' });
    const prediction = await caller.call('POST', `${url}/invocations`, { inputs: { x: [0] } }, 'invoker');
    expect(prediction.body).toEqual({ predictions: [2] });
    expect(prediction.headers.get('x-model-version')).toBe('2');
  });
});

function hasJudgedSince(timeMs: number): (reply: Reply) => boolean {
  return ({ body }) => Date.parse(body.decisions?.[0]?.minute) > timeMs;
}
