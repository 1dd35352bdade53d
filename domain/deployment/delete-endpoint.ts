import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Item, Store } from '../shared/store.ts';
import { ENDPOINTS_LIST, type Endpoint } from './endpoint.ts';
import { addHistory } from './endpoint-history.ts';
import { EndpointChanged, EndpointDeleted, RolloutCompleted } from './events.ts';
import type { EndpointFunctions, RolloutRunner, RunTimeNames, ServingRoutes, TenantRoles } from './ports.ts';
import { getEndpoint } from './read-deployment.ts';
import { type Rollout, rolloutFacts, rolloutKey, rolloutsList } from './rollout.ts';
import { forgetResource } from './run-time-resources.ts';
import { beginWork, endWork } from './unfinished-work.ts';
import { requireRevision } from './update-endpoint.ts';

/**
 * Marks an endpoint DELETING and starts its removal; a repeat starts it again.
 *
 * @throws NotFoundError, PreconditionFailedError
 */
export async function requestDeletion(
  deps: { readonly store: Store; readonly runner: RolloutRunner },
  context: CallContext,
  name: string,
  ifMatch?: number,
): Promise<Item<Endpoint>> {
  const item = await getEndpoint(deps.store, context, name);
  requireRevision(item, ifMatch);
  const marked = item.value.status === 'DELETING' ? item : await markDeleting(deps.store, context, item);
  await deps.runner.removeEndpoint(context.tenant, name);
  return marked;
}

async function markDeleting(
  store: Store,
  context: CallContext,
  { key, value, revision }: Item<Endpoint>,
): Promise<Item<Endpoint>> {
  const deleting: Endpoint = { ...value, status: 'DELETING', updatedAt: isoTime(context) };
  const event = makeEvent(EndpointChanged, context, {
    resource: `endpoints/${key.id}`,
    sequence: revision + 1,
    data: { endpoint: key.id },
    before: { status: value.status },
    after: { status: 'DELETING' },
  });
  await store.commit([
    {
      put: key,
      value: deleting,
      expect: revision,
      placement: { list: ENDPOINTS_LIST, sort: value.createdAt },
    },
    beginWork({ work: 'deletion', tenant: key.tenant, id: key.id, since: isoTime(context) }),
    { emit: event },
  ]);
  return { key, value: deleting, revision: revision + 1 };
}

export interface RemovalDependencies {
  readonly store: Store;
  readonly names: RunTimeNames;
  readonly functions: Pick<EndpointFunctions, 'remove'>;
  readonly routes: Pick<ServingRoutes, 'remove'>;
  readonly roles: Pick<TenantRoles, 'remove'>;
}

/**
 * Removes an endpoint that is marked DELETING, callers first: route, function, the tenant's role with its last
 * endpoint, records. Every step may be repeated; what is gone is no error.
 */
export async function removeEndpoint(
  deps: RemovalDependencies,
  context: CallContext,
  name: string,
): Promise<void> {
  const item = await getEndpoint(deps.store, context, name);
  if (item.value.status !== 'DELETING') return;
  if (item.value.target === 'platform') await removeResources(deps, context, name);
  await deps.store.commit([
    { remove: item.key, expect: item.revision },
    endWork({ work: 'deletion', tenant: context.tenant, id: name }),
    ...(item.value.rollout === null ? [] : await endRollout(deps.store, context, item.value.rollout)),
    addHistory(context, name, {
      model: item.value.model,
      version: null,
      rollout: null,
      reason: 'The endpoint was deleted',
    }),
    {
      emit: makeEvent(EndpointDeleted, context, {
        resource: `endpoints/${name}`,
        sequence: item.revision + 1,
        data: { endpoint: name },
        before: item.value,
      }),
    },
  ]);
}

async function removeResources(
  deps: RemovalDependencies,
  context: CallContext,
  endpoint: string,
): Promise<void> {
  const { tenant } = context;
  const functionName = deps.names.functionName(tenant, endpoint);
  await deps.routes.remove(tenant, endpoint, functionName);
  await forgetResource(deps.store, { type: 'route', name: `${tenant}/${endpoint}` });
  await deps.functions.remove(functionName);
  await forgetResource(deps.store, { type: 'function', name: functionName });
  if (await hasOtherEndpoint(deps.store, tenant, endpoint)) return;
  const roleName = deps.names.roleName(tenant);
  await deps.roles.remove(tenant);
  await forgetResource(deps.store, { type: 'role', name: roleName });
}

/** A new endpoint that this list does not show yet makes the role again when its rollout is repeated. */
async function hasOtherEndpoint(store: Store, tenant: string, endpoint: string): Promise<boolean> {
  const { items } = await store.list<Endpoint>(tenant, ENDPOINTS_LIST, { limit: 1000 });
  return items.some(({ value }) => value.name !== endpoint && value.target === 'platform');
}

async function endRollout(store: Store, context: CallContext, id: string): Promise<Change[]> {
  const item = await store.get<Rollout>(rolloutKey(context.tenant, id));
  if (item === undefined || item.value.status === 'COMPLETED') return [];
  const reason = 'The endpoint was deleted.';
  const completedAt = isoTime(context);
  const value: Rollout = {
    ...item.value,
    ...{ status: 'COMPLETED', outcome: 'ABORTED', pauseReason: null, reason, weight: 0, appliedWeight: 0 },
    ...{ completedAt, updatedAt: completedAt },
  };
  const placement = { list: rolloutsList(value.endpoint), sort: value.createdAt };
  const event = makeEvent(RolloutCompleted, context, {
    resource: `endpoints/${value.endpoint}/rollouts/${id}`,
    sequence: item.revision + 1,
    data: { ...rolloutFacts(value), outcome: 'ABORTED', reason },
  });
  return [
    { put: item.key, value, expect: item.revision, placement },
    endWork({ work: 'rollout', tenant: context.tenant, id }),
    { emit: event },
  ];
}
