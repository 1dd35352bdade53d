import * as z from 'zod';
import { aboutModel } from './logged-models/model-wire.ts';

/** MLflow's JSON: int64 may come as number or string, doubles as the strings NaN, Infinity, -Infinity. */
export const int64 = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
export const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

export const keyValue = z.object({ key: z.string(), value: z.string().default('') });

export const metric = z.object({
  key: z.string(),
  value: double,
  timestamp: int64,
  step: int64.default(0),
  ...aboutModel,
});

export const viewType = z.enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']).default('ACTIVE_ONLY');

/** Old clients send `run_uuid`, new ones both. */
export const runReference = {
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
};

export const experimentReference = z.object({ experiment_id: z.string() });

export const datasetInput = z.object({
  tags: z.array(keyValue).default([]),
  dataset: z.object({
    name: z.string().max(500),
    digest: z.string().max(36),
    source_type: z.string(),
    source: z.string().max(65_535),
    schema: z.string().max(1_048_575).optional(),
    profile: z.string().optional(),
  }),
});
