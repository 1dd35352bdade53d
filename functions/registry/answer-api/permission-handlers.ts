import type { Call, Handlers } from '../../../adapters/lambda/api.ts';
import {
  createModelPermission,
  deleteModelPermission,
  getModelPermission,
  guardModelCall,
  listModelPermissions,
  updateModelPermission,
} from '../../../domain/registry/model-permissions.ts';
import type { modelPermissionRoutes } from '../../../domain/registry/permission-contract.ts';
import { webhookRoutes } from '../../../domain/registry/webhook-contract.ts';
import type { Route } from '../../../domain/shared/route.ts';
import type { Store } from '../../../domain/shared/store.ts';

/** MLflow's calls on permissions of models. */
export function makePermissionHandlers(store: Store): Handlers<typeof modelPermissionRoutes> {
  return {
    createModelPermission: async ({ context, body }) => {
      const grant = await createModelPermission(store, context, body);
      return { body: { registered_model_permission: { name: body.name, ...grant } } };
    },
    getModelPermission: async ({ context, query }) => {
      const grant = await getModelPermission(store, context, query);
      return { body: { registered_model_permission: { name: query.name, ...grant } } };
    },
    updateModelPermission: async ({ context, body }) => {
      await updateModelPermission(store, context, body);
      return {};
    },
    deleteModelPermission: async ({ context, body }) => {
      await deleteModelPermission(store, context, body);
      return {};
    },
    listModelPermissions: async ({ context, params }) => {
      const items = await listModelPermissions(store, context, params.name);
      return { body: { items, nextCursor: null } };
    },
  };
}

/** Removing a model or a version, or giving it another name, is for who manages it. */
const MANAGING = /^(delete(Registered|Mlflow)?Model(Version)?|renameRegisteredModel)$/;

/** Asks before every call that names a model whether the caller may: one place for all of the registry's routes. */
export function makeModelGuard(store: Store) {
  return async (route: Route, { context, params, query, body }: Call<Route>): Promise<void> => {
    // A webhook has a name of its own.
    if (route.operationId in webhookRoutes) return;
    const name = [params, query, body].map(readName).find((found) => found !== undefined);
    if (name === undefined) return;
    // Approvers and operators act by their role; they need no more than to see the model.
    const changes = route.role === 'scientist';
    const needed = !changes ? 'READ' : MANAGING.test(route.operationId) ? 'MANAGE' : 'EDIT';
    await guardModelCall(store, context, name, needed);
  };
}

function readName(input: unknown): string | undefined {
  const { name } = (input ?? {}) as { readonly name?: unknown };
  return typeof name === 'string' ? name : undefined;
}
