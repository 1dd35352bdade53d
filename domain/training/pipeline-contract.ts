import * as z from 'zod';
import { modelName, slug, timestamp } from '../shared/contract.ts';
import { DEFAULT_GATE } from './evaluate-gate.ts';
import { GBDT_OPTION_RANGES, type GbdtOptions } from './gbdt/options.ts';
import { BINARY_METRICS, REGRESSION_METRICS } from './metrics/metric.ts';
import { DEFAULT_SLICES } from './slice.ts';

export const TRAINING_TASKS = ['classification', 'regression'] as const;

const columnName = z.string().min(1).max(250);
const share = z.number().min(0).max(1);
const metric = z.enum([...BINARY_METRICS, ...REGRESSION_METRICS]);
const optionName = z.enum(Object.keys(GBDT_OPTION_RANGES) as [keyof GbdtOptions, ...(keyof GbdtOptions)[]]);

const label = z.strictObject({
  column: columnName,
  positive: z
    .union([z.string().min(1), z.number()])
    .optional()
    .meta({ description: 'The value that counts as class 1; a column of 0 and 1 needs none' }),
});

const split = z
  .union([
    z.strictObject({ validationShare: share, holdOutShare: share }),
    z.strictObject({ validationFrom: timestamp, holdOutFrom: timestamp }),
  ])
  .meta({ description: 'Where rows are cut by time: shares of them, or instants' });

const columnExpectation = z.strictObject({
  name: columnName,
  kind: z.enum(['numeric', 'category']),
  maxMissingShare: share.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  values: z.array(z.string()).max(10_000).optional(),
  maxInvalidShare: share.optional(),
});

const expectations = z
  .strictObject({
    columns: z.array(columnExpectation).max(1000).default([]),
    minRows: z.number().int().min(1).optional(),
    maxAgeHours: z
      .number()
      .min(0)
      .optional()
      .meta({ description: 'Age that the newest row may have; unchecked when absent' }),
    compareWithPrevious: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether rows are compared with those of the version that trained before' }),
  })
  .meta({ description: 'What the rows must hold before they are trained on' });

const dimension = z.union([
  z.strictObject({ low: z.number(), high: z.number(), scale: z.enum(['linear', 'log']).default('linear') }),
  z.strictObject({ values: z.array(z.number()).min(1).max(100) }),
]);

const search = z.strictObject({
  trials: z.number().int().min(1).max(50).default(8),
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(2)
    .meta({ description: 'Trials that run at once: each is a function with a core of its own' }),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  metric: metric.optional().meta({ description: 'auc for a classification, rmse for a regression' }),
  space: z
    .partialRecord(optionName, dimension)
    .optional()
    .meta({ description: 'What a trial draws for each option of the trainer' }),
  fixed: z.partialRecord(optionName, z.number()).default({}),
});

const slices = z.strictObject({
  columns: z.array(columnName).max(20).default([]),
  minRows: z.number().int().min(1).default(DEFAULT_SLICES.minRows),
  maxPerColumn: z.number().int().min(1).max(50).default(DEFAULT_SLICES.maxPerColumn),
});

const gate = z.strictObject({
  thresholds: z
    .array(z.strictObject({ metric, min: z.number().optional(), max: z.number().optional() }))
    .max(20)
    .default([]),
  minRows: z.number().int().min(1).default(DEFAULT_GATE.minRows),
  championMargin: z.number().min(0).default(DEFAULT_GATE.championMargin),
  sliceMargin: z.number().min(0).default(DEFAULT_GATE.sliceMargin),
  requireComparison: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether a champion that cannot score these rows stops the candidate' }),
  level: z.number().min(0.5).max(0.999).default(0.95).meta({ description: 'Coverage of the intervals' }),
  resamples: z.number().int().min(50).max(5000).default(400),
});

const pipelineFields = {
  description: z.string().max(5000),
  model: modelName.meta({ description: 'The model that gets the versions; made when absent' }),
  dataset: slug,
  task: z.enum(TRAINING_TASKS),
  label,
  timeColumn: columnName.meta({ description: 'Orders the rows; never a feature' }),
  features: z
    .array(columnName)
    .min(1)
    .max(1000)
    .nullable()
    .meta({ description: 'null: every column but label and times' }),
  split,
  expectations,
  search,
  slices,
  gate,
};

/** The settings of a pipeline as the API answers them. */
export const pipelineSettings = z.object(pipelineFields);

/** The settings of a pipeline as a caller gives them. */
export const pipelineInput = z.strictObject({
  ...pipelineFields,
  description: pipelineFields.description.default(''),
  timeColumn: pipelineFields.timeColumn.default('capturedAt'),
  features: pipelineFields.features.default(null),
  split: split.default({ validationShare: 0.15, holdOutShare: 0.15 }),
  expectations: expectations.prefault({}),
  search: search.prefault({}),
  slices: slices.prefault({}),
  gate: gate.prefault({}),
});

export type PipelineInput = z.output<typeof pipelineInput>;
