import * as z from 'zod';
import { defineRoute } from '../shared/define-route.ts';
import {
  describeMlflowIssue,
  mlflowOptionalInteger,
  mlflowOptionalString,
  mlflowPaths,
  mlflowString,
} from '../shared/mlflow-shapes.ts';
import type { RequiredRole } from '../shared/principal.ts';
import type { Method } from '../shared/route.ts';
import {
  datasetFilters,
  modelOrderBy,
  modelOutputs,
  modelStatus,
  pairs,
} from './logged-models/model-wire.ts';
import { runReference } from './wire.ts';

const anything = z.record(z.string(), z.unknown());
const error = describeMlflowIssue as z.core.$ZodErrorMap;

const modelIds = z.object({ model_id: z.string() });

interface Shapes<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly role?: RequiredRole;
}

function declare<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  operationId: string,
  [method, path]: readonly [Method, string],
  summary: string,
  { role, ...shapes }: Shapes<P, Q, B>,
) {
  return defineRoute(operationId, {
    method,
    ...mlflowPaths(path),
    role: role ?? (method === 'GET' ? 'viewer' : 'scientist'),
    summary,
    ...shapes,
    response: anything,
    surface: 'mlflow',
  });
}

/** MLflow 3's logged models. */
export const loggedModelRoutes = {
  createLoggedModel: declare('createLoggedModel', ['POST', 'logged-models'], 'Creates a logged model', {
    body: z.object({
      experiment_id: mlflowString,
      name: mlflowOptionalString,
      model_type: mlflowOptionalString,
      source_run_id: mlflowOptionalString,
      params: pairs,
      tags: pairs,
    }),
  }),
  searchLoggedModels: declare(
    'searchLoggedModels',
    ['POST', 'logged-models/search'],
    'Searches logged models, newest first',
    {
      role: 'viewer',
      body: z.object({
        experiment_ids: z.union([z.array(z.string())], { error }),
        filter: mlflowOptionalString,
        datasets: datasetFilters,
        max_results: mlflowOptionalInteger,
        order_by: modelOrderBy,
        page_token: mlflowOptionalString,
      }),
    },
  ),
  getLoggedModel: declare('getLoggedModel', ['GET', 'logged-models/{model_id}'], 'Gets a logged model', {
    params: modelIds,
    query: z.object({ allow_deleted: z.string().optional() }),
  }),
  finalizeLoggedModel: declare(
    'finalizeLoggedModel',
    ['PATCH', 'logged-models/{model_id}'],
    'Says whether the files of a logged model arrived',
    { params: modelIds, body: z.object({ model_id: mlflowString, status: modelStatus }) },
  ),
  deleteLoggedModel: declare(
    'deleteLoggedModel',
    ['DELETE', 'logged-models/{model_id}'],
    'Deletes a logged model',
    { params: modelIds, body: z.unknown() },
  ),
  setLoggedModelTags: declare(
    'setLoggedModelTags',
    ['PATCH', 'logged-models/{model_id}/tags'],
    'Sets tags of a logged model',
    { params: modelIds, body: z.object({ tags: pairs }) },
  ),
  deleteLoggedModelTag: declare(
    'deleteLoggedModelTag',
    ['DELETE', 'logged-models/{model_id}/tags/{tag_key}'],
    'Deletes a tag of a logged model',
    { params: z.object({ model_id: z.string(), tag_key: z.string() }), body: z.unknown() },
  ),
  logOutputs: declare('logOutputs', ['POST', 'runs/outputs'], 'Adds logged models that a run made', {
    body: z.object({ ...runReference, models: modelOutputs }),
  }),
  logLoggedModelParams: declare(
    'logLoggedModelParams',
    ['POST', 'logged-models/{model_id}/params'],
    'Adds params to a logged model',
    { params: modelIds, body: z.object({ model_id: mlflowString, params: pairs }) },
  ),
} as const;
