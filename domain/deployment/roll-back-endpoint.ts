import type { CallContext } from '../shared/call-context.ts';
import { NotFoundError } from '../shared/domain-error.ts';
import type { Item, Store } from '../shared/store.ts';
import { endRolloutNow } from './command-rollout.ts';
import type { RollbackInput, RolloutTrigger } from './contract.ts';
import type { DeploymentDependencies } from './create-endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { findHistoryAt } from './endpoint-history.ts';
import { DeploymentStateError } from './errors.ts';
import { getEndpoint } from './read-deployment.ts';
import type { Rollout } from './rollout.ts';
import { startRollout } from './start-rollout.ts';

/**
 * Gives the traffic back to an earlier version: ends a rollout that is under way, and if that is not enough
 * rolls the earlier version out at once. Answers the rollout that does it.
 *
 * @throws NotFoundError, DeploymentStateError, and what startRollout throws
 */
export async function rollBackEndpoint(
  deps: DeploymentDependencies,
  context: CallContext,
  name: string,
  input: RollbackInput,
  trigger: RolloutTrigger = 'rollback',
): Promise<Item<Rollout>> {
  const endpoint = await getEndpoint(deps.store, context, name);
  const target = await findTarget(deps, context, endpoint.value, input);
  const aborted =
    endpoint.value.rollout === null
      ? undefined
      : await endRolloutNow(deps, context, endpoint.value.rollout, 'abort', input.reason);
  const { value: now } = await getEndpoint(deps.store, context, name);
  if (now.version === target) {
    if (aborted !== undefined) return aborted;
    throw new DeploymentStateError(`Version ${target} has all the traffic of '${name}' already.`);
  }
  return startRollout(deps, context, {
    endpoint: name,
    version: target,
    strategy: 'all-at-once',
    policy: {},
    trigger,
    triggerReason: input.reason,
  });
}

async function findTarget(
  deps: { readonly store: Store; readonly registry: DeploymentDependencies['registry'] },
  context: CallContext,
  endpoint: Endpoint,
  input: RollbackInput,
): Promise<number> {
  if (input.toVersion !== undefined) {
    const { version } = await deps.registry.getDeployable(context.tenant, endpoint.model, input.toVersion);
    return version;
  }
  const at = input.at ?? '';
  const entry = await findHistoryAt(deps.store, context, endpoint.name, at);
  if (entry?.version == null) throw new NotFoundError(`version on '${endpoint.name}' at`, at);
  return entry.version;
}
