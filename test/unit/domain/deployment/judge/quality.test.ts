import { describe, expect, it } from 'vitest';
import { createJudge, judgeTick } from '../../../../../domain/deployment/judge/judge.ts';
import { parsePolicy } from '../../../../../domain/deployment/judge/policy.ts';
import type { Outcomes, RegressionOutcomes } from '../../../../../domain/shared/observation.ts';
import { drawMinute, uniformSource } from './fixtures.ts';

/** Absolute errors as a model with this mean absolute error makes them: exponential, so with a long tail. */
function drawErrors(uniform: () => number, count: number, meanAbsError: number): RegressionOutcomes {
  const errors = Array.from({ length: count }, () => -Math.log(1 - uniform()) * meanAbsError);
  return {
    kind: 'regression',
    count,
    abs_error_sum: errors.reduce((sum, error) => sum + error, 0),
    abs_error_sq_sum: errors.reduce((sum, error) => sum + error * error, 0),
  };
}

function judge(
  seed: number,
  minutes: number,
  draw: (uniform: () => number) => { incumbent: Outcomes | null; candidate: Outcomes | null },
  weight = 0.3,
) {
  const uniform = uniformSource(seed);
  let state = createJudge(parsePolicy({}), { task: 'regression' });
  let last: ReturnType<typeof judgeTick>['decision'] | undefined;
  for (let minute = 0; minute < minutes && state.outcome === null; minute += 1) {
    const { incumbent, candidate } = draw(uniform);
    const answer = judgeTick(state, {
      tick: minute,
      minute,
      weight,
      incumbent: { ...drawMinute(uniform, 200 * (1 - weight), {}), outcomes: incumbent },
      candidate: { ...drawMinute(uniform, 200 * weight, {}), outcomes: candidate },
    });
    state = answer.state;
    last = answer.decision;
  }
  return { state, last: last!, minutes: (state.lastMinute ?? 0) + 1 };
}

describe('quality of a regression', () => {
  it('rolls back a candidate whose mean absolute error is 60 % higher', () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const { last, minutes } = judge(seed, 60, (uniform) => ({
        incumbent: drawErrors(uniform, 40, 1),
        candidate: drawErrors(uniform, 20, 1.6),
      }));

      expect(last).toMatchObject({ decision: 'ROLL_BACK', cause: 'HARM' });
      expect(last.reason).toContain('quality');
      expect(minutes).toBeLessThan(40);
    }
  });

  it('keeps a candidate that errs like the incumbent, with a handful of labels a minute and a long tail', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const { state } = judge(seed, 60, (uniform) => ({
        incumbent: drawErrors(uniform, 3, 1),
        candidate: drawErrors(uniform, 1, 1),
      }));

      expect(state.outcome).not.toBe('ROLL_BACK');
    }
  });

  it('judges nothing while one version has no label', () => {
    const { last } = judge(3, 10, (uniform) => ({ incumbent: drawErrors(uniform, 10, 1), candidate: null }));

    const quality = last.guardrails.find(({ name }) => name === 'quality');
    expect(quality).toMatchObject({ statistic: 0, samples: 0, need: 30, candidate: null });
  });

  it('promotes two versions that are exactly right', () => {
    const perfect: Outcomes = { kind: 'regression', count: 10, abs_error_sum: 0, abs_error_sq_sum: 0 };

    const { state } = judge(3, 60, () => ({ incumbent: perfect, candidate: perfect }));

    expect(state.outcome).toBe('PROMOTE');
  });

  it('takes outcomes of two kinds as no comparison', () => {
    const { last } = judge(3, 5, (uniform) => ({
      incumbent: drawErrors(uniform, 10, 1),
      candidate: { kind: 'classification', tp: 0, fp: 40, tn: 0, fn: 0 },
    }));

    expect(last.decision).toBe('CONTINUE');
  });
});

describe('quality of a classification', () => {
  it('needs no ratio where both versions are practically never wrong', () => {
    const right: Outcomes = { kind: 'classification', tp: 20, fp: 0, tn: 20, fn: 0 };

    const { state } = judge(4, 60, () => ({ incumbent: right, candidate: right }));

    expect(state.outcome).toBe('PROMOTE');
  });
});
