import { describe, expect, it } from 'vitest';
import { JudgeSession } from '../../../../cli/offline/judge-stdio.ts';

const ARMS = [
  { version: 3, share: 0.5 },
  { version: 4, share: 0.5 },
];
const START = { type: 'start', strategy: 'ab-test', policy: { minMinutes: 0 }, arms: ARMS };

function begin(start: object = START) {
  const session = new JudgeSession();
  const say = (message: object) => session.answer(JSON.stringify(message));
  return { say, started: say(start) };
}

function minuteOf(minute: number, successes: readonly [number, number]) {
  const arms = ARMS.map(({ version }, k) => ({
    ...{ version, units: 500 },
    goal: { units: 500, sum: successes[k] },
  }));
  return { type: 'tick', minute, arms };
}

describe('JudgeSession of an A/B test', () => {
  it('goes on while nothing is shown and names the winner then', () => {
    const { say, started } = begin();

    const [equal, better, sure] = [
      say(minuteOf(0, [50, 50])),
      say(minuteOf(1, [50, 100])),
      say(minuteOf(2, [50, 100])),
    ];

    expect(started).toBeUndefined();
    expect(equal).toMatchObject({ decision: 'CONTINUE', verdict: 'INCONCLUSIVE', winner: null });
    expect(better).toMatchObject({ comparisons: [{ version: 4, boundary: 20 }] });
    expect(sure).toMatchObject({ decision: 'STOP', verdict: 'WIN', winner: 4 });
  });

  it('tells which arm a caller stays on, with the shares of the test or others', () => {
    const { say } = begin();
    const ask = (more: object = {}) =>
      say({ type: 'assign', key: 'ann', secret: 's', test: 'rol_1', ...more });

    expect(ask()).toEqual(ask());
    expect(ask()).toMatchObject({ kept: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(
      ask({
        arms: [
          { version: 3, share: 1e-9 },
          { version: 4, share: 1 - 1e-9 },
        ],
      }),
    ).toMatchObject({ version: 4 });
  });

  it.each([
    ['one arm', { ...START, arms: [{ version: 3, share: 1 }] }, 'two or more'],
    ['the same arm twice', { ...START, arms: [ARMS[0], ARMS[0]] }, 'each once'],
    ['shares that do not add up', { ...START, arms: [ARMS[0], { version: 4, share: 0.4 }] }, 'add up to 1'],
    ['a wrong policy', { ...START, policy: { alpha: 2 } }, 'policy.alpha'],
    ['no arms', { ...START, arms: undefined }, 'must be a list'],
  ])('refuses a start with %s', (_, start, why) => {
    expect(begin(start).started).toEqual({ error: expect.stringContaining(why) });
  });

  it.each([
    ['another version', { arms: [{ version: 9, units: 1 }] }, 'not an arm'],
    ['more successes than units', { arms: [{ version: 3, units: 1, goal: { units: 1, sum: 2 } }] }, 'exceed'],
    ['half a unit', { arms: [{ version: 3, units: 0.5 }] }, 'arms[0].units'],
  ])('refuses a minute with %s', (_, minute, why) => {
    const { say } = begin();

    expect(say({ type: 'tick', minute: 0, ...minute })).toEqual({ error: expect.stringContaining(why) });
  });

  it.each([
    ['a minute of arms', minuteOf(0, [1, 1])],
    ['a question for an arm', { type: 'assign', key: 'ann' }],
  ])('needs a start before %s', (_, message) => {
    const answer = new JudgeSession().answer(JSON.stringify(message));

    expect(answer).toEqual({ error: expect.stringContaining('ab-test') });
  });
});
