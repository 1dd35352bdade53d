import * as z from 'zod';
import { type FieldError, InvalidInputError } from '../../shared/domain-error.ts';

/** From the least to the most asked for. */
export const APPROVALS = ['none', 'before-promotion', 'each-step'] as const;

const share = z.number().gt(0).max(1);
const ratio = z.number().min(1).max(100);
const minutes = (max: number) => z.number().int().min(1).max(max);

/** Four weeks: shadows and tests may last that long. */
const LONGEST_ROLLOUT_MINUTES = 40_320;

const errorRate = z.strictObject({
  maxRatio: ratio.default(1.1).describe('Candidate error rate ÷ incumbent error rate that the owner accepts'),
  acceptableAbsolute: share
    .default(0.01)
    .describe('Promotion needs no proof of the ratio where the candidate is shown to fail less than this'),
});

const guardrails = z.strictObject({
  errorRate: errorRate.prefault({}),
  latencyP95: z.strictObject({ maxRatio: ratio.default(1.1) }).prefault({}),
  score: z.strictObject({ maxShiftSd: z.number().min(0).max(10).default(0.3) }).prefault({}),
  quality: z
    .strictObject({ maxWrongRatio: ratio.default(1.1), maxAbsErrorRatio: ratio.default(1.1) })
    .prefault({}),
});

/** Policy of a judged rollout; every field has a default, and unknown fields are refused. */
export const rolloutPolicySchema = z.strictObject({
  firstWeight: share.default(0.1).describe("The candidate's share in the first step"),
  weightStep: share.default(0.1).describe('What each step adds to the share'),
  stepMinutes: minutes(LONGEST_ROLLOUT_MINUTES).default(5).describe('Shortest time of one step'),
  maxMinutes: minutes(LONGEST_ROLLOUT_MINUTES)
    .default(120)
    .describe('A rollout that is undecided after this is rolled back'),
  alpha: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.01)
    .describe('Tolerated share of false rollbacks over the whole rollout, all guardrails together'),
  minRequestsPerStep: z.number().int().min(0).default(50).describe('Candidate requests that a step needs'),
  minLabels: z.number().int().min(1).default(30).describe('Labels per version before quality is judged'),
  coldStartGraceMinutes: z.number().int().min(0).max(1440).default(5),
  noDataMinutes: minutes(1440).default(5).describe('Silence of the candidate that pauses the rollout'),
  approvals: z
    .enum(APPROVALS)
    .default('none')
    .describe('Where the rollout waits for an approver: before promotion, or before each further step too'),
  guardrails: guardrails.prefault({}),
});

export type RolloutPolicy = z.infer<typeof rolloutPolicySchema>;

/**
 * Fills in the defaults; throws InvalidInputError that names each field which is wrong. Fields that this judge
 * does not know are left out here, so that a recorded policy of another release can be tried; the API's schema
 * refuses them, since there they are misspelt.
 */
export function parsePolicy(value: unknown): RolloutPolicy {
  const parsed = rolloutPolicySchema.safeParse(withoutUnknownFields(value ?? {}));
  if (parsed.success) return parsed.data;
  const errors: FieldError[] = parsed.error.issues.map((issue) => ({
    path: ['policy', ...issue.path].join('.'),
    message: issue.message,
  }));
  throw new InvalidInputError(`The rollout policy is invalid: ${describeErrors(errors)}.`, errors);
}

function withoutUnknownFields(value: unknown): unknown {
  const issues = rolloutPolicySchema.safeParse(value).error?.issues ?? [];
  const copy = structuredClone(value);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const parent = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], copy);
    for (const key of issue.keys) delete (parent as Record<string, unknown>)[key];
  }
  return copy;
}

function describeErrors(errors: readonly FieldError[]): string {
  return errors.map((error) => `${error.path}: ${error.message}`).join('; ');
}
