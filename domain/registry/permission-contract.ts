import * as z from 'zod';
import { defineRoute } from '../shared/define-route.ts';
import { mlflowPaths, mlflowString } from '../shared/mlflow-shapes.ts';
import { PERMISSIONS } from '../shared/permission.ts';

const model = { name: mlflowString };
const username = {
  username: mlflowString.meta({
    description: "A token's id, `oidc:` and a subject, or `*` for everyone else",
  }),
};
const permission = { permission: mlflowString.meta({ description: PERMISSIONS.join(', ') }) };
const answered = z.object({
  registered_model_permission: z.object({
    name: z.string(),
    username: z.string(),
    permission: z.enum(PERMISSIONS),
  }),
});
const nothing = z.object({});

function declare(path: 'create' | 'get' | 'update' | 'delete') {
  const route = mlflowPaths(`registered-models/permissions/${path}`);
  return { ...route, role: 'admin', surface: 'mlflow', status: 200 } as const;
}

/** MLflow's permission API for registered models, with actors in place of its users. */
export const modelPermissionRoutes = {
  createModelPermission: defineRoute('createModelPermission', {
    ...declare('create'),
    method: 'POST',
    summary: 'MLflow: gives somebody a permission on a model',
    body: z.looseObject({ ...model, ...username, ...permission }),
    response: answered,
  }),
  getModelPermission: defineRoute('getModelPermission', {
    ...declare('get'),
    method: 'GET',
    summary: 'MLflow: the permission that somebody was given on a model',
    query: z.looseObject({ ...model, ...username }),
    response: answered,
  }),
  updateModelPermission: defineRoute('updateModelPermission', {
    ...declare('update'),
    method: 'PATCH',
    summary: 'MLflow: changes a permission on a model',
    body: z.looseObject({ ...model, ...username, ...permission }),
    response: nothing,
  }),
  deleteModelPermission: defineRoute('deleteModelPermission', {
    ...declare('delete'),
    method: 'DELETE',
    summary: 'MLflow: takes a permission on a model away',
    body: z.looseObject({ ...model, ...username }),
    response: nothing,
  }),
  listModelPermissions: defineRoute('listModelPermissions', {
    method: 'GET',
    path: '/api/v1/models/{name}/permissions',
    role: 'admin',
    summary: 'Lists the permissions that were set on a model',
    params: z.object({ name: z.string() }),
    response: z.object({
      items: z.array(z.object({ username: z.string(), permission: z.enum(PERMISSIONS) })),
      nextCursor: z.null(),
    }),
  }),
} as const;
