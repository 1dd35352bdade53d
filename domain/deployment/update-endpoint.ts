import { type CallContext, isoTime } from '../shared/call-context.ts';
import { PreconditionFailedError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item } from '../shared/store.ts';
import type { EndpointPatch } from './contract.ts';
import type { DeploymentDependencies } from './create-endpoint.ts';
import { ENDPOINTS_LIST, type Endpoint, inputPolicyOf } from './endpoint.ts';
import { EndpointChanged } from './events.ts';
import { requireNoFreeze } from './freeze-calendar.ts';
import { parsePolicy } from './judge/policy.ts';
import { makeRollout } from './new-rollout.ts';
import { getEndpoint } from './read-deployment.ts';
import { requireIdle } from './start-rollout.ts';

/**
 * Changes an endpoint's settings. Memory, capture and input policy belong to a published version, so that what serves is
 * published again with them: the endpoint is UPDATING until it has the traffic.
 *
 * @throws NotFoundError, PreconditionFailedError, RolloutRunningError, DeploymentStateError, RolloutFrozenError
 */
export async function updateEndpoint(
  deps: DeploymentDependencies,
  context: CallContext,
  name: string,
  patch: EndpointPatch,
  ifMatch?: number,
): Promise<Item<Endpoint>> {
  const item = await getEndpoint(deps.store, context, name);
  requireRevision(item, ifMatch);
  requireIdle(item.value);
  const changed = applyPatch(item.value, patch, isoTime(context));
  if (changed === undefined) return item;
  const republish = await planRepublishing(deps, context, changed);
  const value: Endpoint = { ...changed, ...republish?.endpoint };
  const event = makeEvent(EndpointChanged, context, {
    resource: `endpoints/${name}`,
    sequence: item.revision + 1,
    data: { endpoint: name },
    before: item.value,
    after: value,
  });
  const placement = { list: ENDPOINTS_LIST, sort: value.createdAt };
  await deps.store.commit([
    { put: item.key, value, expect: item.revision, placement },
    ...(republish?.changes ?? []),
    { emit: event },
  ]);
  if (republish) await deps.runner.start(context.tenant, republish.endpoint.rollout, 1);
  return { key: item.key, value, revision: item.revision + 1 };
}

async function planRepublishing(deps: DeploymentDependencies, context: CallContext, endpoint: Endpoint) {
  if (endpoint.version === null) return undefined;
  await requireNoFreeze(deps.store, context, 'settings');
  const { tenant } = context;
  const { rollout, changes } = makeRollout(context, {
    endpoint,
    version: await deps.registry.getDeployable(tenant, endpoint.model, endpoint.version),
    strategy: 'all-at-once',
    policy: parsePolicy({}),
    trigger: 'settings',
    triggerReason: null,
  });
  return { changes, endpoint: { rollout: rollout.id, status: 'UPDATING' as const } };
}

/** @throws PreconditionFailedError */
export function requireRevision({ revision, key }: Item<unknown>, ifMatch: number | undefined): void {
  if (ifMatch === undefined || ifMatch === revision) return;
  throw new PreconditionFailedError(
    `'${key.id}' is at revision ${revision}, not ${ifMatch}; read it again and repeat the change.`,
  );
}

function applyPatch(endpoint: Endpoint, patch: EndpointPatch, updatedAt: string): Endpoint | undefined {
  const value: Endpoint = {
    ...endpoint,
    memoryMb: patch.memoryMb ?? endpoint.memoryMb,
    reservedConcurrency:
      patch.reservedConcurrency === undefined ? endpoint.reservedConcurrency : patch.reservedConcurrency,
    capture: patch.capture ?? endpoint.capture,
    inputPolicy: patch.inputPolicy ?? inputPolicyOf(endpoint),
  };
  const isSame =
    JSON.stringify(value) === JSON.stringify({ ...endpoint, inputPolicy: inputPolicyOf(endpoint) });
  return isSame ? undefined : { ...value, updatedAt };
}
