import * as z from 'zod';
import { type FieldError, InvalidInputError } from '../../shared/domain-error.ts';

/** What decides a test between versions. */
export const experimentPolicySchema = z.object({
  goal: z
    .enum(['rate', 'mean'])
    .default('rate')
    .describe('rate: a share of units, such as conversions; mean: a number a unit, such as revenue'),
  better: z.enum(['higher', 'lower']).default('higher'),
  alpha: z.number().gt(0).max(0.5).default(0.05).describe('Two-sided, all challengers together'),
  plannedUnits: z
    .number()
    .int()
    .min(100)
    .default(10_000)
    .describe('Where the interval of a mean is narrowest'),
  minMinutes: z.number().int().min(0).default(10_080).describe('No winner before: a week has all its days'),
  maxMinutes: z.number().int().min(1).default(40_320),
});

export type ExperimentPolicy = z.infer<typeof experimentPolicySchema>;

/** Fills in the defaults; throws InvalidInputError that names each field which is wrong. */
export function parseExperimentPolicy(value: unknown): ExperimentPolicy {
  const parsed = experimentPolicySchema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const errors: FieldError[] = parsed.error.issues.map(({ path, message }) => ({
    path: ['policy', ...path].join('.'),
    message,
  }));
  const what = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new InvalidInputError(`The test's policy is invalid: ${what}.`, errors);
}
