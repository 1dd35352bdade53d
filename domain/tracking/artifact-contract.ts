import * as z from 'zod';
import { defineRoute } from '../shared/define-route.ts';
import type { RequiredRole } from '../shared/principal.ts';
import type { Method } from '../shared/route.ts';
import { runReference } from './wire.ts';

const anything = z.record(z.string(), z.unknown());
const PROXY = '2.0/mlflow-artifacts';

/** The `/api` path and its `/ajax-api` twin, which MLflow's UI calls. */
function both(path: string) {
  return { path: `/api/${path}`, twins: [`/ajax-api/${path}`], surface: 'mlflow' as const };
}

function proxied(operationId: string, method: Method, role: RequiredRole, summary: string) {
  return defineRoute(operationId, {
    ...both(`${PROXY}/artifacts/{path+}`),
    method,
    role,
    summary,
    params: z.object({ path: z.string() }),
    body: z.unknown(),
    response: anything,
  });
}

/** Artifacts of runs and logged models: a function of its own answers these, as only it needs S3. */
export const artifactRoutes = {
  getServerInfo: defineRoute('getServerInfo', {
    ...both('3.0/mlflow/server-info'),
    method: 'GET',
    role: 'viewer',
    summary: 'Tells MLflow’s clients what this server can do',
    response: anything,
  }),
  listRunArtifacts: defineRoute('listRunArtifacts', {
    ...both('2.0/mlflow/artifacts/list'),
    method: 'GET',
    role: 'viewer',
    summary: 'Lists the artifacts of a run',
    query: z.object({ ...runReference, path: z.string().optional(), page_token: z.string().optional() }),
    response: anything,
  }),
  uploadArtifact: proxied('uploadArtifact', 'PUT', 'scientist', 'Uploads an artifact of up to 4 MB'),
  downloadArtifact: proxied('downloadArtifact', 'GET', 'viewer', 'Redirects to a presigned download'),
  deleteArtifact: proxied('deleteArtifact', 'DELETE', 'scientist', 'Deletes an artifact or a folder'),
  listArtifacts: defineRoute('listArtifacts', {
    ...both(`${PROXY}/artifacts`),
    method: 'GET',
    role: 'viewer',
    summary: 'Lists a folder of artifacts',
    query: z.object({ path: z.string().default('') }),
    response: anything,
  }),
} as const;
