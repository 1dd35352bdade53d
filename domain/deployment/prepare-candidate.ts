import type { DeployableVersion, RegistryReader } from '../registry/ports.ts';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import type { Item, Store } from '../shared/store.ts';
import { put } from './command-rollout.ts';
import { type Endpoint, endpointKey, inputPolicyOf } from './endpoint.ts';
import type { EndpointFunctions, PublishedVersion, RunTimeNames, TenantRoles } from './ports.ts';
import { getRollout } from './read-deployment.ts';
import type { Rollout } from './rollout.ts';
import { noteServedVersion, type RunTimeResource, recordResources } from './run-time-resources.ts';

export interface PreparationDependencies {
  readonly store: Store;
  readonly registry: RegistryReader;
  readonly names: RunTimeNames;
  readonly functions: EndpointFunctions;
  readonly roles: TenantRoles;
}

/**
 * Publishes the candidate as a function version without giving it traffic. Records what it makes before it
 * makes it; a repeat finds what is there.
 *
 * @throws FunctionNotReadyError (repeat), and what RegistryReader.getDeployable throws
 */
export async function prepareCandidate(
  deps: PreparationDependencies,
  context: CallContext,
  rolloutId: string,
): Promise<void> {
  const item = await getRollout(deps.store, context, rolloutId);
  const rollout = item.value;
  const endpoint = await deps.store.get<Endpoint>(endpointKey(context.tenant, rollout.endpoint));
  if (endpoint === undefined) {
    // Deleted while this state ran: whatever it made since then belongs to nobody.
    await deps.functions.remove(deps.names.functionName(context.tenant, rollout.endpoint));
    return;
  }
  if (rollout.status !== 'PENDING' || rollout.candidate !== null || endpoint.value.status === 'DELETING')
    return;
  const version = await deps.registry.getDeployable(context.tenant, rollout.model, rollout.version);
  const published = await publish(deps, context, endpoint.value, version);
  await noteCandidate(deps.store, context, item, published);
}

async function publish(
  deps: PreparationDependencies,
  context: CallContext,
  endpoint: Endpoint,
  version: DeployableVersion,
): Promise<PublishedVersion> {
  const { tenant } = context;
  const functionName = deps.names.functionName(tenant, endpoint.name);
  await recordResources(deps.store, plannedResources(deps.names, context, endpoint.name));
  const roleArn = await deps.roles.ensure(tenant);
  const { memoryMb, reservedConcurrency, capture } = endpoint;
  return deps.functions.publish({
    ...{ tenant, endpoint: endpoint.name, functionName, roleArn },
    ...{ memoryMb, reservedConcurrency, capture, version },
    inputPolicy: inputPolicyOf(endpoint),
  });
}

function plannedResources(names: RunTimeNames, context: CallContext, endpoint: string): RunTimeResource[] {
  const { tenant } = context;
  const plannedAt = isoTime(context);
  const functionName = names.functionName(tenant, endpoint);
  return [
    { type: 'role', name: names.roleName(tenant), tenant, plannedAt },
    { type: 'function', name: functionName, tenant, endpoint, plannedAt },
    { type: 'route', name: `${tenant}/${endpoint}`, tenant, endpoint, functionName, plannedAt },
  ];
}

async function noteCandidate(
  store: Store,
  context: CallContext,
  item: Item<Rollout>,
  { functionName, functionVersion, servingBundle }: PublishedVersion,
): Promise<void> {
  const { version, model, endpoint } = item.value;
  const updatedAt = isoTime(context);
  const candidate = { version, functionVersion, servingBundle };
  const served = { tenant: context.tenant, endpoint, model, version };
  await store.commit([
    put(item, { ...item.value, candidate, updatedAt, lastAdvancedAt: updatedAt }),
    ...(await noteServedVersion(store, functionName, functionVersion, served)),
  ]);
}
