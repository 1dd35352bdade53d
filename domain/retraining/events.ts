import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';
import { SKIP_REASONS, TRIGGER_KINDS } from './contract.ts';

const trigger = z.object({ kind: z.enum(TRIGGER_KINDS), eventId: z.string() });

export const RetrainingPolicyChanged = defineEvent(
  'perennial.retraining',
  'RetrainingPolicyChanged',
  z.object({ policy: z.string(), change: z.enum(['created', 'replaced', 'deleted']) }),
);

export const RetrainingStarted = defineEvent(
  'perennial.retraining',
  'RetrainingStarted',
  z.object({
    policy: z.string(),
    endpoint: z.string(),
    pipeline: z.string(),
    executionId: z.string(),
    dataset: z.string(),
    datasetVersion: z.number().int(),
    trigger,
  }),
);

export const RetrainingSkipped = defineEvent(
  'perennial.retraining',
  'RetrainingSkipped',
  z.object({
    policy: z.string(),
    endpoint: z.string(),
    reason: z.enum(SKIP_REASONS),
    explanation: z.string(),
    trigger,
  }),
);
