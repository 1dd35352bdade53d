import { describe, expect, it } from 'vitest';
import { parsePolicy, rolloutPolicySchema } from '../../../../../domain/deployment/judge/policy.ts';
import { InvalidInputError } from '../../../../../domain/shared/domain-error.ts';

describe('parsePolicy', () => {
  it('fills in every default', () => {
    expect(parsePolicy(undefined)).toEqual({
      approvals: 'none',
      firstWeight: 0.1,
      weightStep: 0.1,
      stepMinutes: 5,
      maxMinutes: 120,
      alpha: 0.01,
      minRequestsPerStep: 50,
      minLabels: 30,
      coldStartGraceMinutes: 5,
      noDataMinutes: 5,
      guardrails: {
        errorRate: { maxRatio: 1.1, acceptableAbsolute: 0.01 },
        latencyP95: { maxRatio: 1.1 },
        score: { maxShiftSd: 0.3 },
        quality: { maxWrongRatio: 1.1, maxAbsErrorRatio: 1.1 },
      },
    });
  });

  it('keeps what is given and fills in the rest of a guardrail', () => {
    const policy = parsePolicy({ alpha: 0.05, guardrails: { errorRate: { maxRatio: 1.5 } } });

    expect(policy.alpha).toBe(0.05);
    expect(policy.guardrails.errorRate).toEqual({ maxRatio: 1.5, acceptableAbsolute: 0.01 });
  });

  it.each([
    ['a weight above 1', { firstWeight: 1.5 }, 'policy.firstWeight'],
    ['a weight of zero', { weightStep: 0 }, 'policy.weightStep'],
    ['half a minute', { stepMinutes: 0.5 }, 'policy.stepMinutes'],
    ['text for a number', { alpha: 'low' }, 'policy.alpha'],
    [
      'a ratio below 1',
      { guardrails: { latencyP95: { maxRatio: 0.9 } } },
      'policy.guardrails.latencyP95.maxRatio',
    ],
    ['a list', [], 'policy'],
  ])('names the field that is wrong: %s', (_, value, path) => {
    const parse = () => parsePolicy(value);

    expect(parse).toThrow(InvalidInputError);
    expect(parse).toThrow(path);
  });

  it('leaves out fields of other releases, which the schema of the API refuses', () => {
    const value = { alpha: 0.02, colour: 'blue', guardrails: { errorRate: { colour: 'red' } } };

    expect(parsePolicy(value)).toEqual(parsePolicy({ alpha: 0.02 }));
    expect(rolloutPolicySchema.safeParse(value).success).toBe(false);
  });
});
