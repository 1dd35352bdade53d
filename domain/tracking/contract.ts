import * as z from 'zod';
import { pageOf, pageQuery, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';
import type { RequiredRole } from '../shared/principal.ts';
import { loggedModelRoutes } from './logged-model-contract.ts';
import { modelInputs } from './logged-models/model-wire.ts';
import { experimentPermissionRoutes } from './permission-contract.ts';
import { RUN_STATUSES } from './run.ts';
import {
  datasetInput,
  experimentReference,
  int64,
  keyValue,
  metric,
  runReference,
  viewType,
} from './wire.ts';

/** A parameter that may come more than once. */
const repeated = z.union([z.array(z.string()), z.string().transform((text) => [text])]).default([]);
const anything = z.record(z.string(), z.unknown());

/** An MLflow RPC: served under `/api` for clients and under `/ajax-api` for MLflow's own UI. */
function rpc<B extends z.ZodType>(
  operationId: string,
  path: string,
  role: RequiredRole,
  summary: string,
  body: B,
) {
  return defineRoute(operationId, {
    method: 'POST',
    path: `/api/2.0/mlflow/${path}`,
    twins: [`/ajax-api/2.0/mlflow/${path}`],
    role,
    summary,
    body,
    response: anything,
    surface: 'mlflow',
  });
}

function lookup<Q extends z.ZodType>(operationId: string, path: string, summary: string, query: Q) {
  return defineRoute(operationId, {
    method: 'GET',
    path: `/api/2.0/mlflow/${path}`,
    twins: [`/ajax-api/2.0/mlflow/${path}`],
    role: 'viewer',
    summary,
    query,
    response: anything,
    surface: 'mlflow',
  });
}

const runId = z.object(runReference);

export const trackingRoutes = {
  createExperiment: rpc(
    'createExperiment',
    'experiments/create',
    'scientist',
    'Creates an experiment',
    z.object({
      name: z.string(),
      artifact_location: z.string().optional(),
      tags: z.array(keyValue).optional(),
    }),
  ),
  searchExperiments: rpc(
    'searchExperiments',
    'experiments/search',
    'viewer',
    'Searches experiments, newest first',
    z.object({
      max_results: int64.default(1000),
      page_token: z.string().optional(),
      filter: z.string().optional(),
      order_by: z.array(z.string()).default([]),
      view_type: viewType,
    }),
  ),
  getExperiment: lookup('getExperiment', 'experiments/get', 'Gets an experiment', experimentReference),
  getExperimentByName: lookup(
    'getExperimentByName',
    'experiments/get-by-name',
    'Gets an experiment by its name',
    z.object({ experiment_name: z.string() }),
  ),
  deleteExperiment: rpc(
    'deleteExperiment',
    'experiments/delete',
    'scientist',
    'Deletes an experiment and its runs',
    experimentReference,
  ),
  restoreExperiment: rpc(
    'restoreExperiment',
    'experiments/restore',
    'scientist',
    'Restores an experiment and its runs',
    experimentReference,
  ),
  updateExperiment: rpc(
    'updateExperiment',
    'experiments/update',
    'scientist',
    'Renames an experiment',
    experimentReference.extend({ new_name: z.string() }),
  ),
  setExperimentTag: rpc(
    'setExperimentTag',
    'experiments/set-experiment-tag',
    'scientist',
    'Sets a tag of an experiment',
    experimentReference.extend(keyValue.shape),
  ),
  deleteExperimentTag: rpc(
    'deleteExperimentTag',
    'experiments/delete-experiment-tag',
    'scientist',
    'Deletes a tag of an experiment',
    experimentReference.extend({ key: z.string() }),
  ),
  createRun: rpc(
    'createRun',
    'runs/create',
    'scientist',
    'Starts a run',
    z.object({
      experiment_id: z.string().default('0'),
      user_id: z.string().optional(),
      run_name: z.string().optional(),
      start_time: int64.optional(),
      tags: z.array(keyValue).default([]),
    }),
  ),
  updateRun: rpc(
    'updateRun',
    'runs/update',
    'scientist',
    'Updates status, end time or name of a run',
    z.object({
      ...runReference,
      status: z.enum(RUN_STATUSES).optional(),
      end_time: int64.optional(),
      run_name: z.string().optional(),
    }),
  ),
  getRun: lookup('getRun', 'runs/get', 'Gets a run', runId),
  searchRuns: rpc(
    'searchRuns',
    'runs/search',
    'viewer',
    'Searches runs',
    z.object({
      experiment_ids: z.array(z.string()).default([]),
      filter: z.string().optional(),
      run_view_type: viewType,
      max_results: int64.default(1000),
      order_by: z.array(z.string()).default([]),
      page_token: z.string().optional(),
    }),
  ),
  deleteRun: rpc('deleteRun', 'runs/delete', 'scientist', 'Deletes a run', runId),
  restoreRun: rpc('restoreRun', 'runs/restore', 'scientist', 'Restores a run', runId),
  logMetric: rpc(
    'logMetric',
    'runs/log-metric',
    'scientist',
    'Logs one metric value',
    z.object({ ...runReference, ...metric.shape }),
  ),
  logParam: rpc(
    'logParam',
    'runs/log-parameter',
    'scientist',
    'Logs a parameter, once',
    z.object({ ...runReference, ...keyValue.shape }),
  ),
  setTag: rpc(
    'setTag',
    'runs/set-tag',
    'scientist',
    'Sets a tag of a run',
    z.object({ ...runReference, ...keyValue.shape }),
  ),
  deleteTag: rpc(
    'deleteTag',
    'runs/delete-tag',
    'scientist',
    'Deletes a tag of a run',
    z.object({ ...runReference, key: z.string() }),
  ),
  logBatch: rpc(
    'logBatch',
    'runs/log-batch',
    'scientist',
    'Logs up to 1,000 metrics, params and tags at once',
    z.object({
      ...runReference,
      metrics: z.array(metric).default([]),
      params: z.array(keyValue).default([]),
      tags: z.array(keyValue).default([]),
    }),
  ),
  logInputs: rpc(
    'logInputs',
    'runs/log-inputs',
    'scientist',
    'Adds the datasets and logged models that a run used',
    z.object({ ...runReference, datasets: z.array(datasetInput).default([]), models: modelInputs }),
  ),
  getMetricHistory: lookup(
    'getMetricHistory',
    'metrics/get-history',
    'Gets all values of a metric',
    z.object({
      ...runReference,
      metric_key: z.string(),
      max_results: int64.optional(),
      page_token: z.string().optional(),
    }),
  ),
  sampleMetricHistories: lookup(
    'sampleMetricHistories',
    'metrics/get-history-bulk-interval',
    'Samples one metric of several runs for a chart',
    z.object({
      run_ids: repeated,
      metric_key: z.string(),
      start_step: int64.optional(),
      end_step: int64.optional(),
      max_results: int64.default(2500),
    }),
  ),
  readMetricHistories: lookup(
    'readMetricHistories',
    'metrics/get-history-bulk',
    'Gets all values of one metric of several runs',
    z.object({ run_id: repeated, metric_key: z.string().optional(), max_results: int64.default(25_000) }),
  ),
  listExperiments: defineRoute('listExperiments', {
    method: 'GET',
    path: '/api/v1/experiments',
    twins: ['/experiments'],
    role: 'viewer',
    summary: 'Lists the experiments, newest first',
    query: pageQuery,
    response: pageOf(
      z
        .object({
          experimentId: z.string(),
          name: z.string(),
          artifactLocation: z.string(),
          lifecycleStage: z.enum(['active', 'deleted']),
          tags: z.record(z.string(), z.string()),
          createdAt: timestamp,
          createdBy: z.string(),
          updatedAt: timestamp,
          revision: z.number().int(),
        })
        .meta({ id: 'Experiment' }),
    ),
  }),
  ...experimentPermissionRoutes,
  ...loggedModelRoutes,
} as const;
