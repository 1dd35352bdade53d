import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';

const SOURCE = 'perennial.training';

const pipeline = z.object({ pipeline: z.string() });
export const TrainingPipelineCreated = defineEvent(SOURCE, 'TrainingPipelineCreated', pipeline);
export const TrainingPipelineUpdated = defineEvent(SOURCE, 'TrainingPipelineUpdated', pipeline);
export const TrainingPipelineDeleted = defineEvent(SOURCE, 'TrainingPipelineDeleted', pipeline);

const execution = {
  executionId: z.string(),
  pipeline: z.string(),
  model: z.string(),
  dataset: z.string(),
  datasetVersion: z.number().int(),
};

export const TrainingStarted = defineEvent(
  SOURCE,
  'TrainingStarted',
  z.object({ ...execution, trigger: z.enum(['request', 'policy']), cause: z.string().nullable() }),
);

/** A candidate passed the gate and is a READY version of its model. */
export const ModelTrained = defineEvent(
  SOURCE,
  'ModelTrained',
  z.object({
    ...execution,
    modelVersion: z.number().int(),
    champion: z.number().int().nullable(),
    approval: z.enum(['not-required', 'pending', 'approved', 'rejected']),
    metrics: z.record(z.string(), z.number()),
    runId: z.string().nullable(),
  }),
);

/** The gate stopped a candidate; nothing was registered. */
export const TrainingRejected = defineEvent(
  SOURCE,
  'TrainingRejected',
  z.object({
    ...execution,
    reasons: z.array(z.string()),
    champion: z.number().int().nullable(),
    metrics: z.record(z.string(), z.number()),
    runId: z.string().nullable(),
  }),
);

/** An execution could not come to an end: the rows were refused, or a step failed. */
export const TrainingFailed = defineEvent(
  SOURCE,
  'TrainingFailed',
  z.object({ ...execution, reason: z.string(), reasons: z.array(z.string()), runId: z.string().nullable() }),
);

export const TrainingStopped = defineEvent(
  SOURCE,
  'TrainingStopped',
  z.object({ ...execution, reason: z.string() }),
);
