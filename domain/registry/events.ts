import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';
import { approvalState, lineage, stage, task } from './shapes.ts';

const SOURCE = 'perennial.registry';
const version = { model: z.string(), version: z.number().int() };

/** What a consumer needs to start the model's rollout without asking back; null when it should not. */
const rollOut = z
  .object({ strategy: z.string().nullable(), policy: z.record(z.string(), z.unknown()) })
  .nullable()
  .meta({ description: 'Not null: roll this version out now (policy rollOutOnApproval)' });

/** A version passed its check, was signed and is READY. */
export const ModelVersionRegistered = defineEvent(
  SOURCE,
  'ModelVersionRegistered',
  z.object({
    ...version,
    task: task.optional(),
    semver: z.string().optional(),
    servable: z.boolean(),
    approval: approvalState,
    source: z.enum(['upload', 'run', 'training', 'mlflow']),
    lineage,
    rollOut,
  }),
);

export const ModelVersionApproved = defineEvent(
  SOURCE,
  'ModelVersionApproved',
  z.object({ ...version, reason: z.string(), decidedBy: z.string(), rollOut }),
);

/** Whoever serves `version` goes back to `goBackTo`; null when no other version is approved. */
export const ModelVersionRejected = defineEvent(
  SOURCE,
  'ModelVersionRejected',
  z.object({
    ...version,
    reason: z.string(),
    decidedBy: z.string(),
    wasApproved: z.boolean(),
    stage: stage.meta({ description: 'Stage it was in when it was rejected' }),
    goBackTo: z.number().int().nullable().meta({ description: 'The last approved version' }),
  }),
);

export const ModelVersionStageChanged = defineEvent(
  SOURCE,
  'ModelVersionStageChanged',
  z.object({ ...version, from: stage, to: stage, reason: z.string() }),
);

const prompt = z.boolean().meta({ description: "MLflow's mark of a prompt (tag mlflow.prompt.is_prompt)" });

/** The version has its number; it is CHECKING, or READY when there is nothing to check. */
export const ModelVersionSubmitted = defineEvent(
  SOURCE,
  'ModelVersionSubmitted',
  z.object({ ...version, source: z.enum(['upload', 'run', 'training', 'mlflow']), prompt }),
);

export const ModelVersionRefused = defineEvent(
  SOURCE,
  'ModelVersionRefused',
  z.object({ ...version, reasons: z.array(z.string()) }),
);

/** Approval is asked for: policy requires it and the version is READY. */
export const ModelVersionApprovalRequested = defineEvent(
  SOURCE,
  'ModelVersionApprovalRequested',
  z.object({ ...version, reason: z.string() }),
);

export const ModelVersionUpdated = defineEvent(SOURCE, 'ModelVersionUpdated', z.object(version));
export const ModelVersionDeleted = defineEvent(SOURCE, 'ModelVersionDeleted', z.object(version));

const model = z.object({ model: z.string() });
export const ModelCreated = defineEvent(SOURCE, 'ModelCreated', model.extend({ prompt }));
export const ModelUpdated = defineEvent(SOURCE, 'ModelUpdated', model);
export const ModelDeleted = defineEvent(SOURCE, 'ModelDeleted', model);
export const ModelPolicyChanged = defineEvent(SOURCE, 'ModelPolicyChanged', model);

/** An alias was set (version) or taken away (null). */
export const ModelAliasChanged = defineEvent(
  SOURCE,
  'ModelAliasChanged',
  z.object({ ...model.shape, alias: z.string(), version: z.number().int().nullable(), prompt }),
);

const modelTag = z.object({ ...model.shape, key: z.string(), prompt });
export const ModelTagSet = defineEvent(SOURCE, 'ModelTagSet', modelTag);
export const ModelTagDeleted = defineEvent(SOURCE, 'ModelTagDeleted', modelTag);

const versionTag = z.object({ ...version, key: z.string(), prompt });
export const ModelVersionTagSet = defineEvent(SOURCE, 'ModelVersionTagSet', versionTag);
export const ModelVersionTagDeleted = defineEvent(SOURCE, 'ModelVersionTagDeleted', versionTag);

const webhook = z.object({ webhook: z.string() });
export const WebhookCreated = defineEvent(SOURCE, 'WebhookCreated', webhook);
export const WebhookUpdated = defineEvent(SOURCE, 'WebhookUpdated', webhook);
export const WebhookDeleted = defineEvent(SOURCE, 'WebhookDeleted', webhook);
