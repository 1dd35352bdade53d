import * as z from 'zod';
import { defineRoute } from '../shared/define-route.ts';
import {
  mlflowLimit,
  mlflowOptionalBoolean,
  mlflowOptionalString,
  mlflowPaths,
  mlflowString,
  mlflowStringList,
  mlflowStrings,
  mlflowTags,
  mlflowText,
} from '../shared/mlflow-shapes.ts';
import type { RequiredRole } from '../shared/principal.ts';
import type { Method } from '../shared/route.ts';

const tag = z.object({ key: z.string(), value: z.string() });

/** MLflow's ModelVersion; numbers are strings there. */
export const mlflowModelVersion = z
  .object({
    name: z.string(),
    version: z.string(),
    creation_timestamp: z.number(),
    last_updated_timestamp: z.number(),
    user_id: z.string(),
    current_stage: z.enum(['None', 'Staging', 'Production', 'Archived']),
    description: z.string(),
    source: z.string(),
    run_id: z.string(),
    run_link: z.string(),
    status: z.enum(['PENDING_REGISTRATION', 'FAILED_REGISTRATION', 'READY']),
    status_message: z.string().optional(),
    tags: z.array(tag).optional(),
    aliases: z.array(z.string()).optional(),
    model_id: z.string().optional(),
  })
  .meta({ id: 'MlflowModelVersion' });

export const mlflowRegisteredModel = z
  .object({
    name: z.string(),
    creation_timestamp: z.number(),
    last_updated_timestamp: z.number(),
    user_id: z.string(),
    description: z.string().optional(),
    latest_versions: z.array(mlflowModelVersion).optional(),
    tags: z.array(tag).optional(),
    aliases: z.array(z.object({ alias: z.string(), version: z.string() })).optional(),
  })
  .meta({ id: 'MlflowRegisteredModel' });

export type MlflowModelVersion = z.infer<typeof mlflowModelVersion>;
export type MlflowRegisteredModel = z.infer<typeof mlflowRegisteredModel>;

const registeredModel = z.object({ registered_model: mlflowRegisteredModel });
const modelVersion = z.object({ model_version: mlflowModelVersion });
const modelVersions = z.object({ model_versions: z.array(mlflowModelVersion) });
const nothing = z.object({});

const name = { name: mlflowString };
const versionKey = { ...name, version: mlflowString };

function search(maxResults: number) {
  return {
    filter: mlflowOptionalString,
    max_results: mlflowLimit(maxResults),
    order_by: mlflowStrings,
    page_token: mlflowOptionalString,
  };
}

function declare<S extends z.ZodRawShape, R extends z.ZodType>(
  operationId: string,
  [method, path]: readonly [Method, string],
  summary: string,
  input: S,
  response: R,
) {
  const role: RequiredRole =
    method === 'GET' || path.endsWith('get-latest-versions') ? 'viewer' : 'scientist';
  const common = {
    method,
    ...mlflowPaths(path),
    role,
    summary,
    response,
    surface: 'mlflow',
    status: 200,
  } as const;
  const shape = z.looseObject(input);
  return { operationId, common, shape };
}

/** A route with its arguments in the query string. */
function get<S extends z.ZodRawShape, R extends z.ZodType>(
  id: string,
  path: string,
  summary: string,
  input: S,
  response: R,
) {
  const { common, shape } = declare(id, ['GET', path], summary, input, response);
  return defineRoute(id, { ...common, query: shape });
}

/** A route with its arguments in a JSON body; MLflow's DELETEs have one, too. */
function send<S extends z.ZodRawShape, R extends z.ZodType>(
  id: string,
  at: readonly [Method, string],
  summary: string,
  input: S,
  response: R,
) {
  const { common, shape } = declare(id, at, summary, input, response);
  return defineRoute(id, { ...common, body: shape });
}

/** MLflow's registry, REST 2.0 (https://mlflow.org/docs/latest/api_reference/rest-api.html). */
export const mlflowRegistryRoutes = {
  createRegisteredModel: send(
    'createRegisteredModel',
    ['POST', 'registered-models/create'],
    'MLflow: creates a registered model',
    { ...name, tags: mlflowTags, description: mlflowOptionalString },
    registeredModel,
  ),
  renameRegisteredModel: send(
    'renameRegisteredModel',
    ['POST', 'registered-models/rename'],
    'MLflow: renames a registered model',
    { ...name, new_name: mlflowString },
    registeredModel,
  ),
  updateRegisteredModel: send(
    'updateRegisteredModel',
    ['PATCH', 'registered-models/update'],
    'MLflow: changes the description of a registered model',
    { ...name, description: mlflowOptionalString },
    registeredModel,
  ),
  deleteRegisteredModel: send(
    'deleteRegisteredModel',
    ['DELETE', 'registered-models/delete'],
    'MLflow: deletes a registered model and its versions',
    name,
    nothing,
  ),
  getRegisteredModel: get(
    'getRegisteredModel',
    'registered-models/get',
    'MLflow: one registered model',
    name,
    registeredModel,
  ),
  searchRegisteredModels: get(
    'searchRegisteredModels',
    'registered-models/search',
    'MLflow: searches registered models',
    search(1000),
    z.object({
      registered_models: z.array(mlflowRegisteredModel).optional(),
      next_page_token: z.string().optional(),
    }),
  ),
  getLatestModelVersions: send(
    'getLatestModelVersions',
    ['POST', 'registered-models/get-latest-versions'],
    'MLflow: the newest version in each stage',
    { ...name, stages: mlflowStringList },
    modelVersions.partial(),
  ),
  readLatestModelVersions: get(
    'readLatestModelVersions',
    'registered-models/get-latest-versions',
    'MLflow: the newest version in each stage (older clients)',
    { ...name, stages: mlflowStrings },
    modelVersions.partial(),
  ),
  setRegisteredModelTag: send(
    'setRegisteredModelTag',
    ['POST', 'registered-models/set-tag'],
    'MLflow: sets a tag of a registered model',
    { ...name, key: mlflowString, value: mlflowOptionalString },
    nothing,
  ),
  deleteRegisteredModelTag: send(
    'deleteRegisteredModelTag',
    ['DELETE', 'registered-models/delete-tag'],
    'MLflow: takes a tag from a registered model',
    { ...name, key: mlflowString },
    nothing,
  ),
  setRegisteredModelAlias: send(
    'setRegisteredModelAlias',
    ['POST', 'registered-models/alias'],
    'MLflow: points an alias at a version',
    { ...name, alias: mlflowString, version: mlflowString },
    nothing,
  ),
  deleteRegisteredModelAlias: send(
    'deleteRegisteredModelAlias',
    ['DELETE', 'registered-models/alias'],
    'MLflow: takes an alias away',
    { ...name, alias: mlflowString },
    nothing,
  ),
  getModelVersionByAlias: get(
    'getModelVersionByAlias',
    'registered-models/alias',
    'MLflow: the version an alias points at',
    { ...name, alias: mlflowString },
    modelVersion,
  ),
  createModelVersion: send(
    'createModelVersion',
    ['POST', 'model-versions/create'],
    'MLflow: registers a version from artifacts of a run',
    {
      ...name,
      source: mlflowString,
      run_id: mlflowOptionalString,
      run_link: mlflowOptionalString,
      description: mlflowOptionalString,
      model_id: mlflowOptionalString,
      tags: mlflowTags,
    },
    modelVersion,
  ),
  updateMlflowModelVersion: send(
    'updateMlflowModelVersion',
    ['PATCH', 'model-versions/update'],
    'MLflow: changes the description of a version',
    { ...versionKey, description: mlflowOptionalString },
    modelVersion,
  ),
  transitionModelVersionStage: send(
    'transitionModelVersionStage',
    ['POST', 'model-versions/transition-stage'],
    'MLflow: moves a version to another stage',
    { ...versionKey, stage: mlflowString, archive_existing_versions: mlflowOptionalBoolean },
    modelVersion,
  ),
  deleteMlflowModelVersion: send(
    'deleteMlflowModelVersion',
    ['DELETE', 'model-versions/delete'],
    'MLflow: deletes a version',
    versionKey,
    nothing,
  ),
  getMlflowModelVersion: get(
    'getMlflowModelVersion',
    'model-versions/get',
    'MLflow: one version',
    versionKey,
    modelVersion,
  ),
  searchModelVersions: get(
    'searchModelVersions',
    'model-versions/search',
    'MLflow: searches versions',
    search(200_000),
    z.object({
      model_versions: z.array(mlflowModelVersion).optional(),
      next_page_token: z.string().optional(),
    }),
  ),
  getModelVersionDownloadUri: get(
    'getModelVersionDownloadUri',
    'model-versions/get-download-uri',
    'MLflow: where the files of a version lie',
    { name: mlflowText, version: mlflowText },
    z.object({ artifact_uri: z.string() }),
  ),
  setModelVersionTag: send(
    'setModelVersionTag',
    ['POST', 'model-versions/set-tag'],
    'MLflow: sets a tag of a version',
    { ...versionKey, key: mlflowString, value: mlflowOptionalString },
    nothing,
  ),
  deleteModelVersionTag: send(
    'deleteModelVersionTag',
    ['DELETE', 'model-versions/delete-tag'],
    'MLflow: takes a tag from a version',
    { ...versionKey, key: mlflowString },
    nothing,
  ),
} as const;
