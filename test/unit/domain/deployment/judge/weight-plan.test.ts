import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../../../domain/deployment/judge/policy.ts';
import {
  nextMove,
  plannedMinutes,
  plannedWeight,
} from '../../../../../domain/deployment/judge/weight-plan.ts';

const policy = parsePolicy({});
const calm = { doubt: false, suspicion: false };

describe('plannedMinutes', () => {
  it.each([
    ['nine steps of five minutes by default', {}, 45],
    ['one step when the first weight is everything', { firstWeight: 1 }, 5],
    ['two steps of 0.1 and 0.6', { weightStep: 0.5 }, 10],
  ])('counts the steps below 1: %s', (_, changes, minutes) => {
    expect(plannedMinutes(parsePolicy(changes))).toBe(minutes);
  });
});

describe('plannedWeight', () => {
  it('is free of binary fractions', () => {
    expect(plannedWeight(policy, 2)).toBe(0.3);
  });
});

describe('nextMove', () => {
  it.each([
    ['before the step has had its minutes', { minutes: 4, requests: 500 }, calm, 'minutes'],
    ['before the step has had its requests', { minutes: 9, requests: 49 }, calm, 'requests'],
    [
      'while evidence of harm grows',
      { minutes: 9, requests: 500 },
      { doubt: true, suspicion: true },
      'suspicion',
    ],
  ])('holds %s', (_, had, view, why) => {
    const move = nextMove(policy, { step: 0, ...had }, { minutes: 5, ...view });

    expect(move).toEqual({ kind: 'hold', why });
  });

  it('raises the weight up to equal arms in spite of doubt, and not beyond', () => {
    const doubtful = { minutes: 25, doubt: true, suspicion: false };

    expect(nextMove(policy, { step: 3, minutes: 5, requests: 50 }, doubtful)).toMatchObject({ weight: 0.5 });
    expect(nextMove(policy, { step: 4, minutes: 5, requests: 50 }, doubtful)).toEqual({
      kind: 'hold',
      why: 'doubt',
    });
  });

  it('catches up with the plan, to equal arms at most, after a step that waited for samples', () => {
    const move = nextMove(policy, { step: 0, minutes: 25, requests: 50 }, { minutes: 25, ...calm });

    expect(move).toEqual({ kind: 'advance', step: 4, weight: 0.5 });
  });

  it('finishes instead of giving everything while still comparing', () => {
    expect(nextMove(policy, { step: 8, minutes: 5, requests: 50 }, { minutes: 45, ...calm })).toEqual({
      kind: 'finish',
    });
  });

  it('finishes from equal arms when the time of the whole plan has passed without doubt', () => {
    const plan = { step: 4, minutes: 30, requests: 500 };

    expect(nextMove(policy, plan, { minutes: 60, ...calm })).toEqual({ kind: 'finish' });
    expect(nextMove(policy, plan, { minutes: 44, ...calm })).toMatchObject({ kind: 'advance', weight: 0.6 });
  });
});
