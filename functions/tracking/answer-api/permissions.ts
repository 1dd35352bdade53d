import type { Call } from '../../../adapters/lambda/api.ts';
import {
  createExperimentPermission,
  deleteExperimentPermission,
  getExperimentPermission,
  listExperimentPermissions,
  updateExperimentPermission,
} from '../../../domain/tracking/experiments/experiment-permissions.ts';
import type { experimentPermissionRoutes } from '../../../domain/tracking/permission-contract.ts';
import { store } from './dependencies.ts';

type Routes = typeof experimentPermissionRoutes;

/** MLflow's calls on permissions of experiments. */
export const permissionHandlers = {
  createExperimentPermission: async ({ context, body }: Call<Routes['createExperimentPermission']>) => {
    const { experiment_id, username, permission } = body;
    const input = { experimentId: experiment_id, username, permission };
    const grant = await createExperimentPermission(store, context, input);
    return { body: { experiment_permission: { experiment_id, ...grant } } };
  },
  getExperimentPermission: async ({ context, query }: Call<Routes['getExperimentPermission']>) => {
    const { experiment_id, username } = query;
    const grant = await getExperimentPermission(store, context, { experimentId: experiment_id, username });
    return { body: { experiment_permission: { experiment_id, ...grant } } };
  },
  updateExperimentPermission: async ({ context, body }: Call<Routes['updateExperimentPermission']>) => {
    const { experiment_id, username, permission } = body;
    await updateExperimentPermission(store, context, { experimentId: experiment_id, username, permission });
    return {};
  },
  deleteExperimentPermission: async ({ context, body }: Call<Routes['deleteExperimentPermission']>) => {
    await deleteExperimentPermission(store, context, {
      experimentId: body.experiment_id,
      username: body.username,
    });
    return {};
  },
  listExperimentPermissions: async ({ context, params }: Call<Routes['listExperimentPermissions']>) => {
    const items = await listExperimentPermissions(store, context, params.id);
    return { body: { items, nextCursor: null } };
  },
};
