import * as z from 'zod';
import { pageOf, pageQuery, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';
import { openToGrants } from '../shared/grantable-routes.ts';
import {
  mlflowLimit,
  mlflowList,
  mlflowOptionalInteger,
  mlflowOptionalString,
  mlflowRequiredStrings,
  mlflowString,
  mlflowStringList,
  mlflowStrings,
  mlflowTags,
} from '../shared/mlflow-shapes.ts';
import type { RequiredRole } from '../shared/principal.ts';
import { loggedModelRoutes } from './logged-model-contract.ts';
import { modelInputs } from './logged-models/model-wire.ts';
import { experimentPermissionRoutes } from './permission-contract.ts';
import {
  datasetInput,
  experimentReference,
  keyValue,
  keyValues,
  metric,
  runReference,
  runStatus,
  viewType,
} from './wire.ts';

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

const experimentSearch = {
  view_type: viewType,
  /** MLflow's clients always say it; its documentation lets servers choose a default. */
  max_results: mlflowOptionalInteger.transform((limit) => limit ?? 1000),
  order_by: mlflowStringList,
  filter: mlflowOptionalString,
  page_token: mlflowOptionalString,
};

const routes = {
  createExperiment: rpc(
    'createExperiment',
    'experiments/create',
    'scientist',
    'Creates an experiment',
    z.object({
      name: mlflowString,
      artifact_location: mlflowOptionalString,
      tags: mlflowTags,
    }),
  ),
  searchExperiments: rpc(
    'searchExperiments',
    'experiments/search',
    'viewer',
    'Searches experiments, newest first',
    z.object(experimentSearch),
  ),
  findExperiments: lookup(
    'findExperiments',
    'experiments/search',
    'Searches experiments with the arguments in the query string, as old clients do',
    z.object({ ...experimentSearch, order_by: mlflowStrings }),
  ),
  getExperiment: lookup('getExperiment', 'experiments/get', 'Gets an experiment', experimentReference),
  getExperimentByName: lookup(
    'getExperimentByName',
    'experiments/get-by-name',
    'Gets an experiment by its name',
    z.object({ experiment_name: mlflowString }),
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
    experimentReference.extend({ new_name: mlflowString }),
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
    experimentReference.extend({ key: mlflowString }),
  ),
  createRun: rpc(
    'createRun',
    'runs/create',
    'scientist',
    'Starts a run',
    z.object({
      experiment_id: mlflowOptionalString.transform((id) => id || '0'),
      start_time: mlflowOptionalInteger,
      run_name: mlflowOptionalString,
      user_id: mlflowOptionalString,
      tags: mlflowTags,
    }),
  ),
  updateRun: rpc(
    'updateRun',
    'runs/update',
    'scientist',
    'Updates status, end time or name of a run',
    z.object({
      ...runReference,
      end_time: mlflowOptionalInteger,
      status: runStatus,
      run_name: mlflowOptionalString,
    }),
  ),
  getRun: lookup('getRun', 'runs/get', 'Gets a run', runId),
  searchRuns: rpc(
    'searchRuns',
    'runs/search',
    'viewer',
    'Searches runs',
    z.object({
      experiment_ids: mlflowStringList,
      filter: mlflowOptionalString,
      max_results: mlflowLimit(50_000).transform((limit) => limit ?? 1000),
      order_by: mlflowStringList,
      run_view_type: viewType,
      page_token: mlflowOptionalString,
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
    z.object({ ...runReference, key: mlflowString }),
  ),
  logBatch: rpc(
    'logBatch',
    'runs/log-batch',
    'scientist',
    'Logs up to 1,000 metrics, params and tags at once',
    z.object({
      ...runReference,
      metrics: mlflowList(metric.shape),
      params: keyValues,
      tags: keyValues,
    }),
  ),
  logInputs: rpc(
    'logInputs',
    'runs/log-inputs',
    'scientist',
    'Adds the datasets and logged models that a run used',
    z.object({ ...runReference, datasets: mlflowList(datasetInput.shape), models: modelInputs }),
  ),
  recordLoggedModel: rpc(
    'recordLoggedModel',
    'runs/log-model',
    'scientist',
    'Keeps that a run logged a model, as clients of MLflow 2 tell it',
    z.object({ ...runReference, model_json: mlflowString }),
  ),
  searchDatasets: rpc(
    'searchDatasets',
    'experiments/search-datasets',
    'viewer',
    'Lists the datasets that runs of up to 20 experiments used',
    z.object({ experiment_ids: mlflowStringList }),
  ),
  getMetricHistory: lookup(
    'getMetricHistory',
    'metrics/get-history',
    'Gets all values of a metric',
    z.object({
      ...runReference,
      metric_key: mlflowString,
      page_token: mlflowOptionalString,
      max_results: mlflowOptionalInteger,
    }),
  ),
  sampleMetricHistories: lookup(
    'sampleMetricHistories',
    'metrics/get-history-bulk-interval',
    'Samples one metric of several runs for a chart',
    z.object({
      run_ids: mlflowRequiredStrings,
      metric_key: mlflowString,
      start_step: mlflowOptionalInteger,
      end_step: mlflowOptionalInteger,
      max_results: mlflowOptionalInteger.transform((limit) => limit ?? 2500),
    }),
  ),
  /** No message of protobuf, and served to the UI alone. */
  readMetricHistories: defineRoute('readMetricHistories', {
    method: 'GET',
    path: '/ajax-api/2.0/mlflow/metrics/get-history-bulk',
    role: 'viewer',
    summary: 'Gets all values of one metric of several runs',
    query: z.object({
      run_id: mlflowStrings,
      metric_key: mlflowOptionalString,
      max_results: mlflowOptionalInteger.transform((limit) => limit ?? 25_000),
    }),
    response: anything,
    surface: 'mlflow',
  }),
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

/** MLflow's experiments, runs, metrics and logged models; a permission on an experiment opens what changes it. */
export const trackingRoutes = openToGrants(routes, ['createExperiment']);
