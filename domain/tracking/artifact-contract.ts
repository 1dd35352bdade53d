import * as z from 'zod';
import { defineRoute } from '../shared/define-route.ts';
import {
  mlflowInteger,
  mlflowOptionalInteger,
  mlflowOptionalString,
  mlflowString,
} from '../shared/mlflow-shapes.ts';
import type { RequiredRole } from '../shared/principal.ts';
import type { Method } from '../shared/route.ts';
import { runReference } from './wire.ts';

const anything = z.record(z.string(), z.unknown());
const PROXY = '2.0/mlflow-artifacts';

/** The `/api` path and its `/ajax-api` twin, which MLflow's UI calls. */
function both(path: string) {
  return {
    path: `/api/${path}`,
    twins: [`/ajax-api/${path}`],
    surface: 'mlflow',
    response: anything,
  } as const;
}

/** A file that is answered itself, or as a redirect. */
const FILE = { method: 'GET', role: 'viewer', surface: 'mlflow', response: z.unknown() } as const;

function proxied(operationId: string, method: Method, role: RequiredRole, summary: string) {
  return defineRoute(operationId, {
    ...both(`${PROXY}/artifacts/{path+}`),
    method,
    role,
    grantable: role !== 'viewer',
    summary,
    params: z.object({ path: z.string() }),
    body: z.unknown(),
  });
}

/** `path` is the client's local path; the folder in the address may be empty. */
function multipart<B extends z.ZodType>(verb: 'create' | 'complete' | 'abort', summary: string, body: B) {
  const { path, twins, ...rest } = both(`${PROXY}/mpu/${verb}`);
  const everywhere = [path, ...twins].flatMap((each) => [`${each}/{path+}`, each]);
  return defineRoute(`${verb}MultipartUpload`, {
    ...rest,
    path: everywhere[0] as string,
    twins: everywhere.slice(1),
    method: 'POST',
    role: 'scientist',
    grantable: true,
    summary,
    params: z.object({ path: z.string().default('') }),
    body,
  });
}

const uploadReference = { path: mlflowString, upload_id: mlflowString };

/** Artifacts of runs and logged models: a function of its own answers these, as only it needs S3. */
export const artifactRoutes = {
  getServerInfo: defineRoute('getServerInfo', {
    ...both('3.0/mlflow/server-info'),
    method: 'GET',
    role: 'viewer',
    summary: 'Tells MLflow’s clients what this server can do',
  }),
  listRunArtifacts: defineRoute('listRunArtifacts', {
    ...both('2.0/mlflow/artifacts/list'),
    method: 'GET',
    role: 'viewer',
    summary: 'Lists the artifacts of a run',
    query: z.object({ ...runReference, path: mlflowOptionalString, page_token: mlflowOptionalString }),
  }),
  getRunArtifact: defineRoute('getRunArtifact', {
    ...FILE,
    path: '/get-artifact',
    twins: ['/ajax-api/2.0/mlflow/get-artifact'],
    summary: 'Gets a file of a run',
    query: z.object({ ...runReference, path: mlflowString }),
  }),
  getModelVersionArtifact: defineRoute('getModelVersionArtifact', {
    ...FILE,
    path: '/model-versions/get-artifact',
    twins: ['/ajax-api/2.0/mlflow/model-versions/get-artifact'],
    summary: 'Gets a file of a model version',
    query: z.object({ name: mlflowString, version: mlflowString, path: mlflowString }),
  }),
  listLoggedModelArtifacts: defineRoute('listLoggedModelArtifacts', {
    ...both('2.0/mlflow/logged-models/{model_id}/artifacts/directories'),
    method: 'GET',
    role: 'viewer',
    summary: 'Lists the files of a logged model',
    params: z.object({ model_id: z.string() }),
    query: z.object({ artifact_directory_path: mlflowOptionalString }),
  }),
  getLoggedModelArtifact: defineRoute('getLoggedModelArtifact', {
    ...FILE,
    path: '/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files',
    summary: 'Gets a file of a logged model',
    params: z.object({ model_id: z.string() }),
    query: z.object({ artifact_file_path: mlflowOptionalString }),
  }),
  uploadRunArtifact: defineRoute('uploadRunArtifact', {
    method: 'POST',
    path: '/ajax-api/2.0/mlflow/upload-artifact',
    role: 'scientist',
    grantable: true,
    summary: 'Uploads a small file of a run, from MLflow’s UI',
    query: z.object({ run_uuid: mlflowOptionalString, path: mlflowOptionalString }),
    body: z.unknown(),
    response: anything,
    surface: 'mlflow',
  }),
  createPresignedUploadUrl: defineRoute('createPresignedUploadUrl', {
    ...both('2.0/mlflow/artifacts/presigned-upload-url'),
    method: 'POST',
    role: 'scientist',
    summary: 'Refuses runs behind the artifact proxy, as MLflow does: mpu/create is their way',
    body: z.object({
      run_id: mlflowOptionalString,
      model_id: mlflowOptionalString,
      path: mlflowString,
      expiration: mlflowOptionalInteger,
    }),
  }),
  createPresignedDownloadUrl: defineRoute('createPresignedDownloadUrl', {
    ...both('2.0/mlflow/artifacts/presigned-download-url'),
    method: 'POST',
    role: 'viewer',
    summary: 'Refuses runs behind the artifact proxy, as MLflow does: presigned/{path} is their way',
    body: z.object({ run_id: mlflowString, path: mlflowString, expiration: mlflowOptionalInteger }),
  }),
  listArtifacts: defineRoute('listArtifacts', {
    ...both(`${PROXY}/artifacts`),
    method: 'GET',
    role: 'viewer',
    summary: 'Lists a folder of artifacts',
    query: z.object({ path: z.string().default('') }),
  }),
  uploadArtifact: proxied('uploadArtifact', 'PUT', 'scientist', 'Uploads an artifact of up to 4 MB'),
  downloadArtifact: proxied(
    'downloadArtifact',
    'GET',
    'viewer',
    'A small artifact, or a redirect to a large one',
  ),
  deleteArtifact: proxied('deleteArtifact', 'DELETE', 'scientist', 'Deletes an artifact or a folder'),
  presignArtifact: defineRoute('presignArtifact', {
    ...both(`${PROXY}/presigned/{path+}`),
    method: 'GET',
    role: 'viewer',
    summary: 'An address to download an artifact from, in ranges',
    params: z.object({ path: z.string() }),
  }),
  createMultipartUpload: multipart(
    'create',
    'Begins an upload and gives an address for each part',
    z.object({ path: mlflowString, num_parts: mlflowInteger }),
  ),
  completeMultipartUpload: multipart(
    'complete',
    'Puts the parts of an upload together',
    z.object({
      ...uploadReference,
      parts: z.array(z.object({ part_number: mlflowInteger, etag: mlflowString })).min(1),
    }),
  ),
  abortMultipartUpload: multipart('abort', 'Drops an upload and its parts', z.object(uploadReference)),
} as const;
