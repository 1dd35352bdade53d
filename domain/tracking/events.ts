import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';

export const ExperimentCreated = defineEvent(
  'perennial.tracking',
  'ExperimentCreated',
  z.object({ experimentId: z.string(), name: z.string() }),
);

export const RunFinished = defineEvent(
  'perennial.tracking',
  'RunFinished',
  z.object({
    runId: z.string(),
    experimentId: z.string(),
    name: z.string(),
    status: z.enum(['FINISHED', 'FAILED', 'KILLED']),
    startTime: z.number(),
    endTime: z.number().optional(),
  }),
);
