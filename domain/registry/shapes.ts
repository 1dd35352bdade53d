import * as z from 'zod';
import { ROLLOUT_STRATEGIES, rolloutPolicy } from '../deployment/contract.ts';
import { modelName, resourceFields, slug, tags, timestamp } from '../shared/contract.ts';

export const TASKS = ['classification', 'regression', 'anomaly-detection'] as const;
export const STAGES = ['none', 'staging', 'production', 'archived'] as const;
export const VERSION_STATUSES = ['PENDING', 'CHECKING', 'READY', 'REFUSED'] as const;
export const APPROVAL_STATES = ['not-required', 'pending', 'approved', 'rejected'] as const;

export const task = z.enum(TASKS);
export const stage = z.enum(STAGES);
export const versionStatus = z.enum(VERSION_STATUSES);
export const approvalState = z.enum(APPROVAL_STATES);

/** `register` is a path of its own (POST /models/register). */
export const RESERVED_MODEL_NAMES: readonly string[] = ['register'];

export const newModelName = modelName.refine(
  (name) => !RESERVED_MODEL_NAMES.includes(name.toLowerCase()),
  'is a reserved name',
);

export const semver = z
  .string()
  .max(100)
  .regex(
    /^\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
    'must be a semantic version such as 1.2.0',
  );

/** MLflow's rule: no `latest`, nothing that reads like a version number. */
export const aliasName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\w-]+$/, 'must consist of letters, digits, _ and -')
  .refine((alias) => alias.toLowerCase() !== 'latest' && !/^v?\d+$/i.test(alias), 'is reserved');

/** A version's number, its semver label, or `@alias`. */
export const versionRef = z.string().min(1).max(260).meta({ description: 'Number, semver label, or @alias' });

export const metrics = z.record(z.string().min(1).max(250), z.number());

export const lineage = z
  .object({
    runId: z.string().min(1).max(256).optional(),
    datasetVersion: z.object({ dataset: slug, version: z.number().int().min(1) }).optional(),
    codeCommit: z.string().min(1).max(100).optional(),
    code: z
      .object({ name: z.string().optional(), type: z.string().optional() })
      .optional()
      .meta({ description: "What ran, from the run's tags mlflow.source.name and mlflow.source.type" }),
    /** MLflow's logged model. */
    loggedModelId: z.string().min(1).max(256).optional(),
    datasets: z
      .array(z.object({ name: z.string(), digest: z.string(), context: z.string().optional() }))
      .optional()
      .meta({ description: 'Datasets that the run logged' }),
    trainingExecution: z.string().min(1).max(100).optional(),
    /** Version that the training compared this one with. */
    champion: z.number().int().min(1).optional(),
  })
  .meta({ id: 'Lineage', description: 'What this version was made from' });

export const model = z
  .object({
    name: z.string(),
    description: z.string(),
    task: task.optional(),
    tags,
    aliases: z.record(z.string(), z.number().int()),
    latestVersion: z.number().int().nullable(),
    ...resourceFields,
  })
  .meta({ id: 'Model' });

export const modelInput = z.strictObject({
  name: newModelName,
  description: z.string().max(5000).default(''),
  task: task.optional(),
  tags: tags.default({}),
});

export const modelPatch = z.strictObject({
  description: z.string().max(5000).optional(),
  task: task.optional(),
  tags: tags.optional().meta({ description: 'Replaces all tags' }),
});

export const gate = z.strictObject({
  metric: z.string().min(1).max(250),
  min: z.number().optional(),
  max: z.number().optional(),
});

export const policyInput = z.strictObject({
  approval: z
    .strictObject({
      required: z.boolean().default(false),
      /** Whether the author of a version may decide on it. */
      allowOwnWork: z.boolean().default(false),
    })
    .prefault({}),
  gates: z
    .array(gate)
    .max(50)
    .default([])
    .meta({ description: 'What the metrics of a version must hold before it may go to production' }),
  rollout: z
    .strictObject({
      strategy: z.enum(ROLLOUT_STRATEGIES),
      policy: rolloutPolicy.prefault({}),
    })
    .nullable()
    .default(null)
    .meta({ description: 'Rollout of this model when the caller names none' }),
  rollOutOnApproval: z
    .boolean()
    .default(false)
    .meta({ description: 'Roll out by itself: on approval, or when trained if no approval is required' }),
});

export const policy = policyInput.extend({ ...resourceFields }).meta({ id: 'ModelPolicy' });

export const approval = z
  .object({
    id: z.string().meta({ description: 'apr_ and a ULID' }),
    version: z.number().int(),
    decision: z.enum(['approved', 'rejected']),
    reason: z.string(),
    decidedBy: z.string(),
    decidedAt: timestamp,
  })
  .meta({ id: 'Approval' });

export const approvalInput = z.strictObject({
  decision: z.enum(['approved', 'rejected']),
  reason: z.string().max(2000).default(''),
});

export type Task = z.infer<typeof task>;
export type Stage = z.infer<typeof stage>;
export type VersionStatus = z.infer<typeof versionStatus>;
export type ApprovalState = z.infer<typeof approvalState>;
export type Lineage = z.output<typeof lineage>;
export type Gate = z.output<typeof gate>;
export type ModelInput = z.output<typeof modelInput>;
export type ModelPatch = z.output<typeof modelPatch>;
export type PolicyInput = z.output<typeof policyInput>;
export type ApprovalInput = z.output<typeof approvalInput>;
export type ModelView = z.output<typeof model>;
export type PolicyView = z.output<typeof policy>;
export type Approval = z.output<typeof approval>;
