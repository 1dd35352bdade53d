import * as z from 'zod';
import { pageOf, pageQuery, resourceFields, slug, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';

export const WINDOW_VERDICTS = ['NONE', 'MODERATE', 'SIGNIFICANT', 'SEVERE', 'INSUFFICIENT_DATA'] as const;

/** When a window closes: after minutes of event time, or as soon as it holds enough rows. */
export const windowSettings = z
  .union([
    z.strictObject({
      minutes: z
        .number()
        .int()
        .min(1)
        .max(7 * 24 * 60),
    }),
    z.strictObject({ rows: z.number().int().min(30).max(100_000_000) }),
  ])
  .meta({ description: 'A window closes after minutes, or after rows' });

const monitorFields = {
  window: windowSettings.default({ minutes: 60 }),
  persistence: z
    .strictObject({
      windows: z.number().int().min(1).max(100).default(1),
      of: z.number().int().min(1).max(100).default(1),
    })
    .refine(({ windows, of }) => windows <= of, { message: 'must not be more than of', path: ['windows'] })
    .prefault({})
    .meta({ description: 'How many of the last windows must drift before it is told' }),
  performance: z
    .strictObject({
      minimumLabels: z.number().int().min(10).max(10_000_000).default(200),
      windowMinutes: z
        .number()
        .int()
        .min(1)
        .max(366 * 24 * 60)
        .default(24 * 60)
        .meta({ description: 'How far back labelled rows are looked at together' }),
    })
    .prefault({}),
  enabled: z.boolean().default(true),
};

export const monitorInput = z.strictObject(monitorFields);

export const monitor = z
  .object({
    endpoint: slug,
    ...monitorFields,
    baseline: z
      .object({ model: z.string(), version: z.number().int() })
      .nullable()
      .meta({ description: 'The version whose training data windows are compared with' }),
    /** Event time that has been judged. */
    evaluatedTo: timestamp.nullable(),
    ...resourceFields,
  })
  .meta({ id: 'Monitor' });

const windowFields = {
  id: z.string(),
  endpoint: slug,
  version: z.number().int(),
  from: timestamp,
  to: timestamp,
  at: timestamp.meta({ description: 'When it was judged' }),
};

export const captureLoss = z.object({
  lines: z.number().int(),
  gaps: z.number().int().meta({ description: 'Lines that were numbered and never came' }),
  repeats: z.number().int(),
});

export const driftWindow = z
  .object({
    ...windowFields,
    rows: z.number().int(),
    verdict: z.enum(WINDOW_VERDICTS),
    reasons: z.array(z.string()),
    columns: z
      .array(z.record(z.string(), z.unknown()))
      .meta({ description: 'Statistics and verdict by column' }),
    joint: z.record(z.string(), z.unknown()).nullable(),
    loss: captureLoss,
  })
  .meta({ id: 'DriftWindow' });

export const qualityWindow = z
  .object({
    ...windowFields,
    rows: z.number().int(),
    ok: z.boolean(),
    violations: z.array(
      z.object({ column: z.string(), check: z.string(), severity: z.string(), message: z.string() }),
    ),
  })
  .meta({ id: 'QualityWindow' });

export const performanceWindow = z
  .object({
    ...windowFields,
    captured: z.number().int(),
    labelled: z.number().int(),
    metrics: z.record(
      z.string(),
      z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() }),
    ),
    reference: z.record(z.string(), z.number()).meta({ description: 'The same metrics on the hold-out' }),
    degraded: z.boolean(),
    reasons: z.array(z.string()),
  })
  .meta({ id: 'PerformanceWindow' });

export const label = z.strictObject({
  predictionId: z.string().min(1).max(100).optional(),
  inferenceId: z.string().min(1).max(200).optional(),
  row: z.number().int().min(0).default(0),
  value: z.union([z.number(), z.string().max(1000), z.boolean()]),
  metrics: z.record(z.string().max(100), z.number()).optional(),
  observedAt: timestamp.optional(),
});

export const groundTruthInput = z.strictObject({
  labels: z
    .array(
      label.refine(
        ({ predictionId, inferenceId }) => (predictionId === undefined) !== (inferenceId === undefined),
        {
          message: 'needs exactly one of predictionId and inferenceId',
          path: ['predictionId'],
        },
      ),
    )
    .min(1)
    .max(1000),
});

export const predictionsInput = z.strictObject({
  predictions: z
    .array(
      z.strictObject({
        inferenceId: z.string().min(1).max(200).optional(),
        at: timestamp.optional(),
        version: z.number().int().min(1),
        features: z.record(z.string(), z.union([z.number(), z.string().max(10_000), z.boolean(), z.null()])),
        prediction: z.union([z.number(), z.string().max(1000), z.boolean()]),
        score: z.number().optional(),
        latencyMs: z.number().min(0).default(0),
      }),
    )
    .min(1)
    .max(1000),
});

export const endpointMetrics = z
  .object({
    endpoint: slug,
    from: timestamp,
    to: timestamp,
    versions: z.array(
      z.object({
        version: z.number().int(),
        requests: z.number().int(),
        errors: z.number().int(),
        rows: z.number().int(),
        latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
        requestsPerMinute: z.number(),
        loss: captureLoss,
      }),
    ),
  })
  .meta({ id: 'EndpointMetrics' });

const ENDPOINT = '/api/v1/endpoints/{name}';
const byName = z.object({ name: slug });

export const monitoringRoutes = {
  getMonitor: defineRoute('getMonitor', {
    method: 'GET',
    path: `${ENDPOINT}/monitor`,
    role: 'viewer',
    summary: 'How an endpoint is watched; every endpoint is, from its first request',
    params: byName,
    response: monitor,
  }),
  putMonitor: defineRoute('putMonitor', {
    method: 'PUT',
    path: `${ENDPOINT}/monitor`,
    role: 'operator',
    summary: 'Changes how an endpoint is watched',
    params: byName,
    body: monitorInput,
    response: monitor,
  }),
  listDriftWindows: defineRoute('listDriftWindows', {
    method: 'GET',
    path: `${ENDPOINT}/drift`,
    role: 'viewer',
    summary: 'Drift by window, newest first',
    params: byName,
    query: pageQuery,
    response: pageOf(driftWindow),
  }),
  listQualityWindows: defineRoute('listQualityWindows', {
    method: 'GET',
    path: `${ENDPOINT}/quality`,
    role: 'viewer',
    summary: 'Data quality by window, newest first',
    params: byName,
    query: pageQuery,
    response: pageOf(qualityWindow),
  }),
  listPerformanceWindows: defineRoute('listPerformanceWindows', {
    method: 'GET',
    path: `${ENDPOINT}/performance`,
    role: 'viewer',
    summary: 'Measured quality by window, newest first',
    params: byName,
    query: pageQuery,
    response: pageOf(performanceWindow),
  }),
  getEndpointMetrics: defineRoute('getEndpointMetrics', {
    method: 'GET',
    path: `${ENDPOINT}/metrics`,
    role: 'viewer',
    summary: 'Requests, errors and latency by version',
    params: byName,
    query: z.object({ from: timestamp.optional(), to: timestamp.optional() }),
    response: endpointMetrics,
  }),
  listLatestDrift: defineRoute('listLatestDrift', {
    method: 'GET',
    path: '/api/v1/monitoring/drift',
    twins: ['/monitoring/drift'],
    role: 'viewer',
    summary: 'The last drift window of every endpoint',
    response: z.object({ items: z.array(driftWindow) }),
  }),
  configureModelDrift: defineRoute('configureModelDrift', {
    method: 'POST',
    path: '/api/v1/models/{name}/drift-config',
    twins: ['/models/{name}/drift-config'],
    role: 'operator',
    summary: 'Changes how every endpoint of a model is watched',
    params: z.object({ name: z.string() }),
    body: monitorInput,
    response: z.object({ items: z.array(monitor) }),
  }),
  postGroundTruth: defineRoute('postGroundTruth', {
    method: 'POST',
    path: `${ENDPOINT}/ground-truth`,
    role: 'invoker',
    summary: 'Takes what really happened, late and repeated ones welcome',
    params: byName,
    body: groundTruthInput,
    response: z.object({ accepted: z.number().int() }),
    status: 202,
  }),
  postPredictions: defineRoute('postPredictions', {
    method: 'POST',
    path: `${ENDPOINT}/predictions`,
    role: 'invoker',
    summary: 'Takes predictions of a model that is served elsewhere',
    params: byName,
    body: predictionsInput,
    response: z.object({ predictionIds: z.array(z.string()) }),
    status: 202,
  }),
} as const;
