import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';

export const ExperimentCreated = defineEvent(
  'perennial.tracking',
  'ExperimentCreated',
  z.object({ experimentId: z.string(), name: z.string() }),
);

export const ExperimentChanged = defineEvent(
  'perennial.tracking',
  'ExperimentChanged',
  z.object({
    experimentId: z.string(),
    change: z.enum(['renamed', 'tagged', 'deleted', 'restored', 'shared', 'spread', 'purged']),
  }),
);

const run = { runId: z.string(), experimentId: z.string() };

export const RunStarted = defineEvent(
  'perennial.tracking',
  'RunStarted',
  z.object({ ...run, name: z.string() }),
);

/** `logged`: somebody who had not done so before changed params, metrics, tags or inputs; told once each. */
export const RunChanged = defineEvent(
  'perennial.tracking',
  'RunChanged',
  z.object({ ...run, change: z.enum(['updated', 'logged', 'deleted', 'restored', 'purged']) }),
);

export const RunFinished = defineEvent(
  'perennial.tracking',
  'RunFinished',
  z.object({
    ...run,
    name: z.string(),
    status: z.enum(['FINISHED', 'FAILED', 'KILLED']),
    startTime: z.number(),
    endTime: z.number().optional(),
  }),
);
