import { describe, expect, it } from 'vitest';
import { parseExperimentPolicy } from '../../../../../domain/deployment/experiment/experiment-policy.ts';
import {
  type ArmMinute,
  createExperiment,
  type ExperimentDecision,
  judgeExperiment,
} from '../../../../../domain/deployment/experiment/judge-experiment.ts';
import { uniformSource } from '../judge/fixtures.ts';

const POLICY = { minMinutes: 0, maxMinutes: 200 };
/** Of 400 tests at α = 0.05 at most 33 may alarm: the bound that luck breaks once in a thousand. */
const TESTS = 400;
const MOST_ALARMS = 33;

interface Plan {
  readonly policy?: object;
  readonly shares?: readonly number[];
  /** Chance that a caller lands in an arm, when it is not the planned one. */
  readonly landed?: readonly number[];
  readonly draw: (uniform: () => number, arm: number) => number;
}

function run(seed: number, { policy = {}, shares = [0.5, 0.5], landed = shares, draw }: Plan) {
  const uniform = uniformSource(seed);
  const arms = shares.map((share, k) => ({ version: k + 1, share }));
  let state = createExperiment(parseExperimentPolicy({ ...POLICY, ...policy }), arms);
  for (let minute = 0; ; minute += 1) {
    const seen = drawMinute(uniform, landed, draw);
    const judged = judgeExperiment(state, minute, seen);
    if (judged.decision.decision === 'STOP') return { ...judged.decision, minute };
    state = judged.state;
  }
}

function drawMinute(uniform: () => number, landed: readonly number[], draw: Plan['draw']): ArmMinute[] {
  const goals = landed.map(() => ({ units: 0, sum: 0, sumOfSquares: 0 }));
  for (let caller = 0; caller < 50; caller += 1) {
    const arm = landIn(landed, uniform());
    const worth = draw(uniform, arm);
    const goal = goals[arm]!;
    goal.units += 1;
    goal.sum += worth;
    goal.sumOfSquares += worth * worth;
  }
  return goals.map((goal, k) => ({ version: k + 1, units: goal.units, goal }));
}

function landIn(shares: readonly number[], draw: number): number {
  let upTo = 0;
  const arm = shares.findIndex((share) => {
    upTo += share;
    return draw < upTo;
  });
  return arm < 0 ? shares.length - 1 : arm;
}

const converts =
  (...rates: readonly number[]) =>
  (uniform: () => number, arm: number) =>
    Number(uniform() < (rates[arm] ?? rates[0]!));
/** Most buy nothing, some a little, a few much. */
const spends = (lift: number) => (uniform: () => number, arm: number) =>
  uniform() < 0.9 ? 0 : -20 * Math.log(uniform()) * (arm === 1 ? lift : 1);

function countVerdicts(plan: Plan, wanted: (decision: ExperimentDecision) => boolean, tests = TESTS): number {
  return Array.from({ length: tests }, (_, seed) => run(seed + 1, plan)).filter(wanted).length;
}

const isAlarm = ({ verdict }: ExperimentDecision) => verdict === 'WIN' || verdict === 'HARM';

describe('judgeExperiment of equal versions, looked at 200 times', () => {
  it.each<[string, Plan]>([
    ['a rate of 10 %', { draw: converts(0.1) }],
    ['a rare rate in a small arm', { draw: converts(0.02), shares: [0.95, 0.05] }],
    ['three versions', { draw: converts(0.1), shares: [0.4, 0.3, 0.3] }],
    ['revenue with a long tail', { draw: spends(1), policy: { goal: 'mean' } }],
    ['revenue in a small arm', { draw: spends(1), policy: { goal: 'mean' }, shares: [0.9, 0.1] }],
  ])('finds a difference in at most 5 % of tests: %s', (_, plan) => {
    expect(countVerdicts(plan, isAlarm)).toBeLessThanOrEqual(MOST_ALARMS);
  });

  it('hardly ever doubts fair shares', () => {
    const invalid = countVerdicts({ draw: converts(0.1) }, ({ verdict }) => verdict === 'INVALID_SRM');

    expect(invalid).toBeLessThanOrEqual(4);
  });
});

describe('judgeExperiment', () => {
  it('promotes a better version, and sooner when it is much better', () => {
    const [little, much] = [0.14, 0.2].map((rate) => run(7, { draw: converts(0.1, rate) }));

    expect(little).toMatchObject({ verdict: 'WIN', winner: 2 });
    expect(much).toMatchObject({ verdict: 'WIN', winner: 2 });
    expect(much!.minute).toBeLessThan(little!.minute);
  });

  it('finds 20 % more of 10 % in most tests of 20,000 callers', () => {
    const plan = { draw: converts(0.1, 0.12), policy: { maxMinutes: 400 } };

    expect(countVerdicts(plan, ({ verdict }) => verdict === 'WIN', 40)).toBeGreaterThanOrEqual(30);
  });

  it('keeps the champion when the challenger is worse', () => {
    expect(run(7, { draw: converts(0.2, 0.1) })).toMatchObject({ verdict: 'HARM', winner: 1 });
  });

  it('calls less better when it is asked to', () => {
    const plan = { draw: converts(0.2, 0.1), policy: { better: 'lower' } };

    expect(run(7, plan)).toMatchObject({ verdict: 'WIN', winner: 2 });
  });

  it('finds more revenue a caller', () => {
    const plan = { draw: spends(2), policy: { goal: 'mean' } };

    expect(run(7, plan)).toMatchObject({ verdict: 'WIN', winner: 2 });
  });

  it('promotes the best of several', () => {
    const plan = { draw: converts(0.1, 0.2, 0.3), shares: [0.4, 0.3, 0.3], policy: { minMinutes: 100 } };

    expect(run(7, plan)).toMatchObject({ verdict: 'WIN', winner: 3 });
  });

  it('waits for the least time before it names a winner', () => {
    const plan = { draw: converts(0.1, 0.3), policy: { minMinutes: 60 } };

    expect(run(7, plan).minute).toBe(59);
  });

  it('gives no verdict when callers are missing in an arm', () => {
    const plan = { draw: converts(0.1, 0.3), landed: [0.58, 0.42], policy: { minMinutes: 100 } };

    const decision = run(7, plan);

    expect(decision).toMatchObject({ verdict: 'INVALID_SRM', winner: 1 });
    expect(decision.reason).toContain('shares');
  });

  it('ends without a difference with the champion', () => {
    expect(run(7, { draw: converts(0.1) })).toMatchObject({
      verdict: 'INCONCLUSIVE',
      winner: 1,
      minute: 199,
    });
  });

  it('says NO_DATA when nobody came', () => {
    const policy = parseExperimentPolicy({ ...POLICY, maxMinutes: 1 });
    const state = createExperiment(policy, [
      { version: 1, share: 0.5 },
      { version: 2, share: 0.5 },
    ]);

    expect(judgeExperiment(state, 0, []).decision).toMatchObject({ verdict: 'NO_DATA', winner: 1 });
  });
});
