import type { Call } from '../../../adapters/lambda/api.ts';
import type { EndpointReader } from '../../../domain/deployment/ports.ts';
import { refuseServed } from '../../../domain/registry/refuse-served.ts';
import type { Route } from '../../../domain/shared/route.ts';
import type { Store } from '../../../domain/shared/store.ts';
import { makeModelGuard } from './permission-handlers.ts';

/** Calls that delete, of both surfaces; a version is `v` in a path and `version` in a body of MLflow. */
const DELETIONS: ReadonlySet<string> = new Set([
  'deleteModel',
  'deleteModelVersion',
  'deleteRegisteredModel',
  'deleteMlflowModelVersion',
]);

/** Asks before each call whether the caller may, and before a deletion whether an endpoint needs what would go. */
export function makeRegistryGuard(deps: { readonly store: Store; readonly endpoints: EndpointReader }) {
  const requirePermission = makeModelGuard(deps.store);
  return async (route: Route, call: Call<Route>): Promise<void> => {
    await requirePermission(route, call);
    if (!DELETIONS.has(route.operationId)) return;
    const given: Record<string, unknown> = { ...(call.params as object), ...(call.body as object) };
    const { name, v, version } = given;
    if (typeof name !== 'string') return;
    const ref = v ?? version;
    await refuseServed(deps, call.context, { name, ref: ref === undefined ? undefined : String(ref) });
  };
}
