import * as z from 'zod';
import { pageOf, pageQuery, resourceFields, slug, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';

export const TRIGGER_KINDS = ['drift', 'performance', 'request'] as const;
export const DRIFT_VERDICTS = ['MODERATE', 'SIGNIFICANT', 'SEVERE'] as const;
export const SKIP_REASONS = [
  'DISABLED',
  'TRIGGER_NOT_WATCHED',
  'COOLDOWN',
  'TRAINING_RUNNING',
  'ROLLOUT_RUNNING',
  'DATA_QUALITY_BROKEN',
  'TOO_FEW_LABELS',
  'ENDPOINT_MISSING',
] as const;

const policyFields = {
  endpoint: slug.meta({ description: 'The endpoint whose model is renewed' }),
  pipeline: slug.meta({ description: 'The training pipeline that renews it' }),
  enabled: z.boolean().default(true),
  triggers: z
    .strictObject({
      drift: z
        .enum(DRIFT_VERDICTS)
        .nullable()
        .default('SIGNIFICANT')
        .meta({ description: 'Least verdict that starts a training; null ignores drift' }),
      performance: z.boolean().default(true).meta({ description: 'Whether a loss of quality starts one' }),
    })
    .prefault({}),
  minimumLabels: z
    .number()
    .int()
    .min(1)
    .max(100_000_000)
    .default(1000)
    .meta({ description: 'Labels that must have come for the window' }),
  windowMinutes: z
    .number()
    .int()
    .min(1)
    .max(366 * 24 * 60)
    .default(30 * 24 * 60)
    .meta({ description: 'How far back captured rows are trained on' }),
  append: z
    .boolean()
    .default(false)
    .meta({ description: "Whether the rows come after those of the dataset's latest version" }),
  cooldownMinutes: z
    .number()
    .int()
    .min(0)
    .max(366 * 24 * 60)
    .default(24 * 60)
    .meta({ description: 'Least time between two trainings of this policy' }),
};

export const retrainingPolicyInput = z.strictObject(policyFields);

export const retrainingPolicy = z
  .object({
    name: slug,
    ...policyFields,
    lastStartedAt: timestamp.nullable(),
    openTrigger: z
      .object({ kind: z.enum(TRIGGER_KINDS), eventId: z.string(), occurredAt: timestamp })
      .nullable()
      .meta({ description: 'What happened and still waits for its conditions' }),
    ...resourceFields,
  })
  .meta({ id: 'RetrainingPolicy' });

/** Everything a decision was made from. */
export const evaluationFacts = z.object({
  labels: z.number().int().optional(),
  minimumLabels: z.number().int().optional(),
  minutesSinceLastStart: z.number().optional(),
  cooldownMinutes: z.number().optional(),
  verdict: z.string().optional(),
  servingVersion: z.number().int().nullable().optional(),
  windowFrom: timestamp.optional(),
  windowTo: timestamp.optional(),
});

export const evaluation = z
  .object({
    id: z.string(),
    policy: slug,
    at: timestamp,
    trigger: z.object({ kind: z.enum(TRIGGER_KINDS), eventId: z.string(), occurredAt: timestamp }),
    decision: z.enum(['STARTED', 'SKIPPED']),
    skipReason: z.enum(SKIP_REASONS).nullable(),
    explanation: z.string(),
    facts: evaluationFacts,
    datasetVersion: z.string().nullable().meta({ description: 'dataset/version that was asked for' }),
    executionId: z.string().nullable(),
  })
  .meta({ id: 'RetrainingEvaluation' });

const POLICIES = '/api/v1/retraining-policies';
const byName = z.object({ name: slug });

export const retrainingRoutes = {
  listRetrainingPolicies: defineRoute('listRetrainingPolicies', {
    method: 'GET',
    path: POLICIES,
    role: 'viewer',
    summary: 'Lists the retraining policies',
    query: pageQuery,
    response: pageOf(retrainingPolicy),
  }),
  getRetrainingPolicy: defineRoute('getRetrainingPolicy', {
    method: 'GET',
    path: `${POLICIES}/{name}`,
    role: 'viewer',
    summary: 'One policy',
    params: byName,
    response: retrainingPolicy,
  }),
  putRetrainingPolicy: defineRoute('putRetrainingPolicy', {
    method: 'PUT',
    path: `${POLICIES}/{name}`,
    role: 'admin',
    summary: 'Creates or replaces a policy',
    params: byName,
    body: retrainingPolicyInput,
    response: retrainingPolicy,
  }),
  deleteRetrainingPolicy: defineRoute('deleteRetrainingPolicy', {
    method: 'DELETE',
    path: `${POLICIES}/{name}`,
    role: 'admin',
    summary: 'Deletes a policy; its evaluations stay in the audit',
    params: byName,
  }),
  listRetrainingEvaluations: defineRoute('listRetrainingEvaluations', {
    method: 'GET',
    path: `${POLICIES}/{name}/evaluations`,
    role: 'viewer',
    summary: 'Why the policy did or did not start a training, newest first',
    params: byName,
    query: pageQuery,
    response: pageOf(evaluation),
  }),
} as const;
