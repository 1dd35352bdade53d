import type { RegistryReader } from '../registry/ports.ts';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import { AlreadyExistsError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Item, Store } from '../shared/store.ts';
import type { EndpointInput } from './contract.ts';
import { ENDPOINTS_LIST, type Endpoint, endpointKey } from './endpoint.ts';
import { addHistory } from './endpoint-history.ts';
import { EndpointCreated } from './events.ts';
import { requireNoFreeze } from './freeze-calendar.ts';
import { parsePolicy } from './judge/policy.ts';
import { makeRollout } from './new-rollout.ts';
import type { RolloutRunner } from './ports.ts';
import type { Rollout } from './rollout.ts';

export interface DeploymentDependencies {
  readonly store: Store;
  readonly registry: RegistryReader;
  readonly runner: RolloutRunner;
}

/**
 * Creates an endpoint: CREATING, and its first rollout under way; IN_SERVICE at once when it is served
 * elsewhere.
 *
 * @throws AlreadyExistsError, ModelVersionNotFoundError, ModelVersionNotServableError, ApprovalMissingError,
 * RolloutFrozenError
 */
export async function createEndpoint(
  deps: DeploymentDependencies,
  context: CallContext,
  input: EndpointInput,
): Promise<{ readonly endpoint: Item<Endpoint>; readonly rollout: Item<Rollout> | null }> {
  const version = await deps.registry.getDeployable(context.tenant, input.model, input.version);
  const draft = toEndpoint(context, input, version.version);
  if (input.target === 'external') {
    const endpoint = await commitNew(deps.store, context, draft, [
      addHistory(context, draft.name, {
        model: draft.model,
        version: version.version,
        rollout: null,
        reason: 'Served elsewhere',
      }),
    ]);
    return { endpoint, rollout: null };
  }
  await requireNoFreeze(deps.store, context, 'create');
  const { rollout, changes } = makeRollout(context, {
    endpoint: { ...draft, version: null },
    version,
    strategy: 'all-at-once',
    policy: parsePolicy({}),
    trigger: 'create',
    triggerReason: null,
  });
  const endpoint = await commitNew(deps.store, context, { ...draft, rollout: rollout.id }, changes);
  await deps.runner.start(context.tenant, rollout.id, rollout.generation);
  return {
    endpoint,
    rollout: { key: { ...endpoint.key, kind: 'rollout', id: rollout.id }, value: rollout, revision: 1 },
  };
}

function toEndpoint(context: CallContext, input: EndpointInput, version: number): Endpoint {
  const { name, target, model, memoryMb, reservedConcurrency, capture, inputPolicy } = input;
  const createdAt = isoTime(context);
  const isExternal = target === 'external';
  return {
    ...{ name, target, model, memoryMb, reservedConcurrency, capture, inputPolicy },
    version: isExternal ? version : null,
    functionVersion: null,
    servingBundle: null,
    status: isExternal ? 'IN_SERVICE' : 'CREATING',
    reason: null,
    rollout: null,
    createdAt,
    createdBy: context.actor,
    updatedAt: createdAt,
  };
}

async function commitNew(
  store: Store,
  context: CallContext,
  value: Endpoint,
  changes: readonly Change[],
): Promise<Item<Endpoint>> {
  const { name, model, target } = value;
  const key = endpointKey(context.tenant, name);
  const placement = { list: ENDPOINTS_LIST, sort: value.createdAt };
  const event = makeEvent(EndpointCreated, context, {
    resource: `endpoints/${name}`,
    sequence: 1,
    data: { endpoint: name, model, target },
    after: value,
  });
  await store
    .commit([{ put: key, value, expect: 'absent', placement }, ...changes, { emit: event }])
    .catch((error: unknown) => {
      throw error instanceof AlreadyExistsError
        ? new AlreadyExistsError('endpoint', name, { cause: error })
        : error;
    });
  return { key, value, revision: 1 };
}
