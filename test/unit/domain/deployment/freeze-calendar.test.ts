import { describe, expect, it } from 'vitest';
import { promoteRolloutNow, resumeRollout } from '../../../../domain/deployment/command-rollout.ts';
import { endpointInput } from '../../../../domain/deployment/contract.ts';
import { createEndpoint } from '../../../../domain/deployment/create-endpoint.ts';
import { RolloutFrozenError } from '../../../../domain/deployment/errors.ts';
import { getFreezeCalendar, putFreezeCalendar } from '../../../../domain/deployment/freeze-calendar.ts';
import { type FreezeWindow, freezeCalendarInput } from '../../../../domain/deployment/freeze-shapes.ts';
import { findFreezeAt } from '../../../../domain/deployment/freeze-window.ts';
import { rollBackEndpoint } from '../../../../domain/deployment/roll-back-endpoint.ts';
import { startRollout } from '../../../../domain/deployment/start-rollout.ts';
import { updateEndpoint } from '../../../../domain/deployment/update-endpoint.ts';
import { PreconditionFailedError } from '../../../../domain/shared/domain-error.ts';
import { NOON_MS } from '../../../support/call-context.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const POLICY = {
  firstWeight: 0.5,
  weightStep: 0.5,
  stepMinutes: 1,
  maxMinutes: 20,
  coldStartGraceMinutes: 0,
};
const GOOD = { incumbent: [400, 0], candidate: [400, 0] } as const;
const time = (ms: number) => new Date(ms).toISOString();

function windowAt(fromMs: number, toMs: number, rest: Partial<FreezeWindow> = {}): FreezeWindow {
  return { from: time(fromMs), to: time(toMs), reason: 'Year’s end', repeat: 'never', ...rest };
}

async function freeze(world: DeploymentWorld, hours = 1) {
  const windows = [windowAt(world.nowMs, world.nowMs + hours * HOUR_MS)];
  await putFreezeCalendar(world.store, world.context(), { windows });
}

async function begin(trigger: 'request' | 'approval' = 'request', strategy = 'canary') {
  const world = new DeploymentWorld();
  await world.serveFirstVersion();
  const start = () =>
    startRollout(world, world.context(), {
      ...{ endpoint: 'flights', version: 2, strategy, policy: POLICY, trigger },
    });
  return { world, start };
}

async function beginRunning() {
  const { world, start } = await begin();
  const { value } = await start();
  await world.runMachine(value.id);
  return { world, id: value.id };
}

describe('findFreezeAt', () => {
  it('includes the beginning of a window and excludes its end', () => {
    const windows = [windowAt(NOON_MS, NOON_MS + HOUR_MS)];

    const found = [-1, 0, HOUR_MS - 1, HOUR_MS].map((ms) => findFreezeAt(windows, NOON_MS + ms)?.to);

    expect(found).toEqual([undefined, time(NOON_MS + HOUR_MS), time(NOON_MS + HOUR_MS), undefined]);
  });

  it('comes again each week, and not before the first time', () => {
    const windows = [windowAt(NOON_MS, NOON_MS + 2 * DAY_MS, { repeat: 'weekly' })];

    const found = [-7, 7, 8.5, 9, 14].map((days) => findFreezeAt(windows, NOON_MS + days * DAY_MS)?.from);

    const [first, second] = [time(NOON_MS + 7 * DAY_MS), time(NOON_MS + 14 * DAY_MS)];
    expect(found).toEqual([undefined, first, first, undefined, second]);
  });

  it('ends with the last of the windows that overlap or meet', () => {
    const windows = [
      windowAt(NOON_MS, NOON_MS + HOUR_MS, { reason: 'First' }),
      windowAt(NOON_MS + HOUR_MS, NOON_MS + 3 * HOUR_MS, { reason: 'Next' }),
      windowAt(NOON_MS + 2 * HOUR_MS, NOON_MS + 4 * HOUR_MS),
    ];

    expect(findFreezeAt(windows, NOON_MS)).toEqual({
      ...{ from: time(NOON_MS), to: time(NOON_MS + 4 * HOUR_MS), reason: 'First' },
    });
  });

  it('comes to an end even when weekly windows leave no gap', () => {
    const windows = [0, 3.5].map((days) =>
      windowAt(NOON_MS + days * DAY_MS, NOON_MS + (days + 3.5) * DAY_MS, { repeat: 'weekly' }),
    );

    expect(findFreezeAt(windows, NOON_MS)).toBeDefined();
  });
});

describe('the freeze calendar', () => {
  it.each([
    ['ends before it begins', windowAt(NOON_MS, NOON_MS - 1)],
    ['repeats weekly and lasts a week', windowAt(NOON_MS, NOON_MS + 7 * DAY_MS, { repeat: 'weekly' })],
    ['has no reason', windowAt(NOON_MS, NOON_MS + 1, { reason: '' })],
  ])('refuses a window that %s', (_, window) => {
    expect(freezeCalendarInput.safeParse({ windows: [window] }).success).toBe(false);
  });

  it('is empty at first and shows the freeze that holds now', async () => {
    const world = new DeploymentWorld();
    const before = await getFreezeCalendar(world.store, world.context());

    await freeze(world);

    expect(before).toMatchObject({ windows: [], current: null, revision: 0 });
    expect(await getFreezeCalendar(world.store, world.context())).toMatchObject({
      current: { to: time(world.nowMs + HOUR_MS) },
      createdBy: 'tok_alice',
      revision: 1,
    });
    expect(world.eventTypes()).toContain('FreezeCalendarChanged');
  });

  it('is changed only by who has read it, if they say so', async () => {
    const world = new DeploymentWorld();
    await freeze(world);

    const change = putFreezeCalendar(world.store, world.context(), { windows: [] }, 0);

    await expect(change).rejects.toThrow(PreconditionFailedError);
  });

  it('is each tenant’s own', async () => {
    const world = new DeploymentWorld();
    await freeze(world);

    const other = await getFreezeCalendar(world.store, world.context({ tenant: 'other' }));

    expect(other.current).toBeNull();
  });
});

describe('in a freeze', () => {
  it('no rollout starts, and the answer says until when', async () => {
    const { world, start } = await begin();
    await freeze(world);

    const error = await start().catch((refusal: unknown) => refusal);

    expect(error).toBeInstanceOf(RolloutFrozenError);
    expect(error).toMatchObject({ status: 409, details: { to: time(world.nowMs + HOUR_MS) } });
  });

  it('neither a new endpoint nor new settings get traffic', async () => {
    const { world } = await begin();
    await freeze(world);
    const body = endpointInput.parse({ name: 'other', model: 'delays', version: 1 });

    await expect(createEndpoint(world, world.context(), body)).rejects.toThrow(RolloutFrozenError);
    await expect(updateEndpoint(world, world.context(), 'flights', { memoryMb: 2048 })).rejects.toThrow(
      RolloutFrozenError,
    );
    expect((await world.endpoint()).status).toBe('IN_SERVICE');
  });

  it('going back is done at once', async () => {
    const { world, start } = await begin('request', 'all-at-once');
    await world.runMachine((await start()).value.id);
    await freeze(world);

    const { value } = await rollBackEndpoint(world, world.context(), 'flights', {
      toVersion: 1,
      reason: 'pages',
    });
    await world.runMachine(value.id);

    expect(await world.endpoint()).toMatchObject({ version: 1, rollout: null });
  });

  it('a running rollout is held, and goes on by itself afterwards', async () => {
    const { world, id } = await beginRunning();
    await freeze(world);
    for (let minute = 0; minute < 30; minute += 1) await world.tick(id, GOOD);
    const held = await world.rollout(id);

    for (let minute = 0; minute < 40; minute += 1) if ((await world.tick(id, GOOD)).finished) break;

    expect(held).toMatchObject({ status: 'PAUSED', pauseReason: 'FREEZE', weight: 0.5 });
    expect(await world.rollout(id)).toMatchObject({ outcome: 'PROMOTED' });
  });

  it('harm is rolled back', async () => {
    const { world, id } = await beginRunning();
    await freeze(world);

    for (let minute = 0; minute < 10; minute += 1) {
      if ((await world.tick(id, { incumbent: [400, 0], candidate: [200, 200] })).finished) break;
    }

    expect(await world.rollout(id)).toMatchObject({ outcome: 'ROLLED_BACK' });
  });

  it('nobody resumes or promotes by hand', async () => {
    const { world, id } = await beginRunning();
    await freeze(world);
    await world.tick(id, GOOD);

    await expect(resumeRollout(world, world.context(), id)).rejects.toThrow(RolloutFrozenError);
    await expect(promoteRolloutNow(world, world.context(), id, 'hurry')).rejects.toThrow(RolloutFrozenError);
  });

  it('what an approval starts waits without traffic, and begins at the end', async () => {
    const { world, start } = await begin('approval');
    await freeze(world);
    const { value } = await start();
    await world.runMachine(value.id);
    const waiting = await world.rollout(value.id);

    world.nowMs += HOUR_MS;
    await world.tick(value.id);

    expect(waiting).toMatchObject({ status: 'PAUSED', pauseReason: 'FREEZE', weight: 0 });
    expect(await world.rollout(value.id)).toMatchObject({ status: 'RUNNING', weight: 0.5 });
  });
});
