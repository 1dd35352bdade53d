import * as z from 'zod';
import { defineEvent } from '../../shared/event.ts';

const model = { modelId: z.string(), experimentId: z.string() };

export const LoggedModelCreated = defineEvent(
  'perennial.tracking',
  'LoggedModelCreated',
  z.object({ ...model, name: z.string() }),
);

/** `described`: params or tags. Metrics are told as the run's. */
export const LoggedModelChanged = defineEvent(
  'perennial.tracking',
  'LoggedModelChanged',
  z.object({ ...model, change: z.enum(['finalized', 'deleted', 'described', 'purged']) }),
);
