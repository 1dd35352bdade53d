import * as z from 'zod';
import { modelName, resourceFields, slug, timestamp } from '../shared/contract.ts';
import { rolloutPolicySchema } from './judge/policy.ts';

export const ENDPOINT_STATUSES = ['CREATING', 'IN_SERVICE', 'UPDATING', 'FAILED', 'DELETING'] as const;
export const ROLLOUT_STATUSES = ['PENDING', 'RUNNING', 'PAUSED', 'COMPLETED'] as const;
export const PAUSE_REASONS = ['NO_DATA', 'OPERATOR', 'APPROVAL', 'FREEZE'] as const;
export const ROLLOUT_OUTCOMES = ['PROMOTED', 'ROLLED_BACK', 'ABORTED', 'FAILED'] as const;
export const ROLLOUT_STRATEGIES = [
  'all-at-once',
  'canary',
  'linear',
  'blue-green',
  'ab-test',
  'shadow',
] as const;
/** What started a rollout: a caller, a platform team's event, an approval, or a change back. */
export const ROLLOUT_TRIGGERS = [
  'create',
  'request',
  'event',
  'approval',
  'rejection',
  'rollback',
  'settings',
] as const;

export const versionReference = z
  .union([z.number().int().min(1), z.string().min(1).max(100)])
  .meta({ description: 'A version number, a semver label, or an alias as @alias' });

/** Variables of a function have 4 KB in all. */
const MAX_MISSING_RULES = 20;

const share = z.number().min(0).max(1);

/** A rollout's policy, every part with a default; docs/rollouts.md tells what each does. */
export const rolloutPolicy = rolloutPolicySchema.meta({ id: 'RolloutPolicy' });

export const captureSettings = z
  .strictObject({
    enabled: z.boolean().default(true).meta({
      description: 'Without captured requests nothing can be judged or watched',
    }),
    drop: z
      .array(z.string().min(1).max(250))
      .max(1000)
      .default([])
      .meta({ description: 'Columns whose values are never written' }),
  })
  .meta({ id: 'CaptureSettings' });

const missingRule = z
  .union([
    z.literal('refuse'),
    z.strictObject({ fill: z.union([z.number(), z.string().max(1000), z.boolean()]) }),
  ])
  .meta({ description: 'refuse, or the value that takes its place' });

export const inputPolicy = z
  .strictObject({
    unknownColumns: z
      .enum(['refuse', 'ignore'])
      .default('refuse')
      .meta({ description: 'What becomes of columns that the model does not have' }),
    missingValues: z
      .record(z.string().min(1).max(250), missingRule)
      .default({})
      .refine((rules) => Object.keys(rules).length <= MAX_MISSING_RULES, {
        message: `takes at most ${MAX_MISSING_RULES} columns`,
      })
      .meta({ description: 'By column; without a rule the model gets its own missing value, if it has one' }),
  })
  .meta({ id: 'InputPolicy' });

const memoryMb = z.number().int().min(128).max(10_240);
const reservedConcurrency = z.number().int().min(1).max(10_000).nullable();

export const endpoint = z
  .object({
    name: slug,
    target: z
      .enum(['platform', 'external'])
      .meta({ description: 'external: served elsewhere, observed here' }),
    model: modelName,
    version: z.number().int().nullable().meta({ description: 'The version that has the traffic' }),
    status: z.enum(ENDPOINT_STATUSES),
    reason: z.string().nullable().meta({ description: 'Why the endpoint FAILED' }),
    url: z.string().nullable().meta({ description: 'Base of the serving routes; never build it yourself' }),
    memoryMb,
    reservedConcurrency,
    capture: captureSettings,
    inputPolicy,
    servingBundle: z.string().nullable().meta({ description: 'Release of the serving runtime' }),
    rollout: z.string().nullable().meta({ description: 'The rollout that is under way' }),
    ...resourceFields,
  })
  .meta({ id: 'Endpoint' });

export const rolloutStep = z.object({
  at: timestamp,
  weight: share.meta({ description: 'Share of the traffic that the candidate gets from here on' }),
  reason: z.string(),
});

export const rolloutDecision = z
  .object({
    minute: timestamp.meta({ description: 'The minute of event time that was judged' }),
    weight: share,
    decision: z.enum(['CONTINUE', 'PAUSE', 'ROLL_BACK', 'PROMOTE']),
    reason: z.string(),
    statistics: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'RolloutDecision' });

export const rollout = z
  .object({
    id: z.string(),
    endpoint: slug,
    model: modelName,
    version: z.number().int(),
    incumbentVersion: z.number().int().nullable(),
    strategy: z.enum(ROLLOUT_STRATEGIES),
    policy: z.record(z.string(), z.unknown()),
    trigger: z.enum(ROLLOUT_TRIGGERS),
    triggerReason: z.string().nullable(),
    status: z.enum(ROLLOUT_STATUSES),
    pauseReason: z.enum(PAUSE_REASONS).nullable(),
    outcome: z.enum(ROLLOUT_OUTCOMES).nullable(),
    reason: z.string().nullable(),
    weight: share,
    steps: z.array(rolloutStep),
    awaiting: z
      .object({ weight: share, since: timestamp, reason: z.string() })
      .nullable()
      .meta({ description: 'The move that waits for an approver; weight 1 is the promotion' }),
    approvals: z.array(z.object({ weight: share, at: timestamp, actor: z.string(), reason: z.string() })),
    decisions: z.array(rolloutDecision).optional().meta({ description: 'The last 200, newest first' }),
    startedAt: timestamp.nullable(),
    completedAt: timestamp.nullable(),
    ...resourceFields,
  })
  .meta({ id: 'Rollout' });

export const historyEntry = z
  .object({
    at: timestamp,
    model: modelName,
    version: z.number().int().nullable().meta({ description: 'null from the deletion on' }),
    rollout: z.string().nullable(),
    reason: z.string(),
    actor: z.string(),
  })
  .meta({ id: 'EndpointHistoryEntry' });

const strategyAndPolicy = {
  strategy: z
    .enum(ROLLOUT_STRATEGIES)
    .optional()
    .meta({ description: 'Default: the model policy’s, else canary' }),
  policy: rolloutPolicy.optional(),
};

export const endpointInput = z.strictObject({
  name: slug,
  model: modelName,
  version: versionReference,
  target: z.enum(['platform', 'external']).default('platform'),
  memoryMb: memoryMb.default(1024),
  reservedConcurrency: reservedConcurrency.default(null),
  capture: captureSettings.prefault({}),
  inputPolicy: inputPolicy.prefault({}),
});

export const endpointPatch = z.strictObject({
  memoryMb: memoryMb.optional(),
  reservedConcurrency: reservedConcurrency.optional(),
  capture: captureSettings.optional(),
  inputPolicy: inputPolicy.optional(),
});

export const rolloutInput = z.strictObject({ version: versionReference, ...strategyAndPolicy });

export const rollbackInput = z
  .strictObject({
    toVersion: versionReference.optional(),
    at: timestamp.optional().meta({ description: 'Back to what served then' }),
    reason: z.string().min(1).max(1000),
  })
  .refine((input) => (input.toVersion === undefined) !== (input.at === undefined), {
    message: 'needs exactly one of toVersion and at',
    path: ['toVersion'],
  });

export const deploymentInput = {
  version: versionReference,
  endpoint: slug.optional().meta({ description: 'Default: a name made from the model’s' }),
  strategy: z.enum(ROLLOUT_STRATEGIES).optional().meta({ description: 'Of an endpoint that exists' }),
  policy: rolloutPolicy.optional(),
  memoryMb: memoryMb.default(1024),
};

/** The system specification's view of an endpoint and the rollout that a request started. */
export const deployment = z
  .object({ id: slug, status: z.enum(ENDPOINT_STATUSES), endpoint, rollout })
  .meta({ id: 'Deployment' });

export type EndpointInput = z.output<typeof endpointInput>;
export type EndpointPatch = z.output<typeof endpointPatch>;
export type RolloutInput = z.output<typeof rolloutInput>;
export type RollbackInput = z.output<typeof rollbackInput>;
export type CaptureSettings = z.output<typeof captureSettings>;
export type InputPolicy = z.output<typeof inputPolicy>;
export type VersionReference = z.output<typeof versionReference>;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];
export type RolloutStatus = (typeof ROLLOUT_STATUSES)[number];
export type PauseReason = (typeof PAUSE_REASONS)[number];
export type RolloutOutcome = (typeof ROLLOUT_OUTCOMES)[number];
export type RolloutStrategy = (typeof ROLLOUT_STRATEGIES)[number];
export type RolloutTrigger = (typeof ROLLOUT_TRIGGERS)[number];
