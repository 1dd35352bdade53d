import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';

const window = {
  endpoint: z.string(),
  model: z.string(),
  version: z.number().int(),
  from: z.string(),
  to: z.string(),
};

export const MonitorChanged = defineEvent(
  'perennial.monitoring',
  'MonitorChanged',
  z.object({ endpoint: z.string() }),
);

export const DriftDetected = defineEvent(
  'perennial.monitoring',
  'DriftDetected',
  z.object({
    ...window,
    verdict: z.enum(['MODERATE', 'SIGNIFICANT', 'SEVERE']),
    rows: z.number().int(),
    reasons: z.array(z.string()).max(20),
    columns: z.array(z.object({ column: z.string(), verdict: z.string() })).max(50),
  }),
);

export const QualityViolated = defineEvent(
  'perennial.monitoring',
  'QualityViolated',
  z.object({ ...window, violations: z.array(z.string()).max(20) }),
);

export const PerformanceDegraded = defineEvent(
  'perennial.monitoring',
  'PerformanceDegraded',
  z.object({
    ...window,
    labelled: z.number().int(),
    metrics: z.record(z.string(), z.number()),
    reasons: z.array(z.string()).max(20),
  }),
);
