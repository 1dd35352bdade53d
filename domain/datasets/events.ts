import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';

export const DatasetCreated = defineEvent(
  'perennial.datasets',
  'DatasetCreated',
  z.object({ dataset: z.string() }),
);

/** A version is there to be used: its rows, schema and digest never change again. */
export const DatasetVersionCreated = defineEvent(
  'perennial.datasets',
  'DatasetVersionCreated',
  z.object({
    dataset: z.string(),
    version: z.number().int(),
    rows: z.number().int(),
    digest: z.string(),
    source: z.enum(['upload', 'captures']),
  }),
);
