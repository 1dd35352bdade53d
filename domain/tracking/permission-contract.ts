import * as z from 'zod';
import { defineRoute } from '../shared/define-route.ts';
import { mlflowPaths, mlflowString } from '../shared/mlflow-shapes.ts';
import { PERMISSIONS } from '../shared/permission.ts';

const experiment = { experiment_id: mlflowString };
const username = {
  username: mlflowString.meta({
    description: "A token's id, `oidc:` and a subject, or `*` for everyone else",
  }),
};
const permission = { permission: mlflowString.meta({ description: PERMISSIONS.join(', ') }) };
const answered = z.object({
  experiment_permission: z.object({
    experiment_id: z.string(),
    username: z.string(),
    permission: z.enum(PERMISSIONS),
  }),
});
const nothing = z.object({});

function declare(path: 'create' | 'get' | 'update' | 'delete') {
  const route = mlflowPaths(`experiments/permissions/${path}`);
  return { ...route, role: 'admin', surface: 'mlflow', status: 200 } as const;
}

/** MLflow's permission API for experiments, with actors in place of its users. */
export const experimentPermissionRoutes = {
  createExperimentPermission: defineRoute('createExperimentPermission', {
    ...declare('create'),
    method: 'POST',
    summary: 'MLflow: gives somebody a permission on an experiment',
    body: z.looseObject({ ...experiment, ...username, ...permission }),
    response: answered,
  }),
  getExperimentPermission: defineRoute('getExperimentPermission', {
    ...declare('get'),
    method: 'GET',
    summary: 'MLflow: the permission that somebody was given on an experiment',
    query: z.looseObject({ ...experiment, ...username }),
    response: answered,
  }),
  updateExperimentPermission: defineRoute('updateExperimentPermission', {
    ...declare('update'),
    method: 'PATCH',
    summary: 'MLflow: changes a permission on an experiment',
    body: z.looseObject({ ...experiment, ...username, ...permission }),
    response: nothing,
  }),
  deleteExperimentPermission: defineRoute('deleteExperimentPermission', {
    ...declare('delete'),
    method: 'DELETE',
    summary: 'MLflow: takes a permission on an experiment away',
    body: z.looseObject({ ...experiment, ...username }),
    response: nothing,
  }),
  listExperimentPermissions: defineRoute('listExperimentPermissions', {
    method: 'GET',
    path: '/api/v1/experiments/{id}/permissions',
    role: 'admin',
    summary: 'Lists the permissions that were set on an experiment',
    params: z.object({ id: z.string() }),
    response: z.object({
      items: z.array(z.object({ username: z.string(), permission: z.enum(PERMISSIONS) })),
      nextCursor: z.null(),
    }),
  }),
} as const;
