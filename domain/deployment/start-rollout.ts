import type { DeployableVersion } from '../registry/ports.ts';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import { ConcurrentChangeError } from '../shared/domain-error.ts';
import type { Change, Item } from '../shared/store.ts';
import { chooseRollout, requireJudgeable } from './choose-rollout.ts';
import type { RolloutTrigger, VersionReference } from './contract.ts';
import type { DeploymentDependencies } from './create-endpoint.ts';
import { ENDPOINTS_LIST, type Endpoint } from './endpoint.ts';
import { DeploymentStateError, RolloutRunningError } from './errors.ts';
import { isGoingBack, requireNoFreeze } from './freeze-calendar.ts';
import { makeRollout, type NewRollout } from './new-rollout.ts';
import { getEndpoint } from './read-deployment.ts';
import { type Rollout, rolloutKey } from './rollout.ts';

export interface RolloutRequest {
  readonly endpoint: string;
  readonly version: VersionReference;
  readonly strategy?: string | undefined;
  readonly policy?: unknown;
  readonly trigger: RolloutTrigger;
  readonly triggerReason?: string | undefined;
  /** Committed with the rollout, for callers that must not start it twice. */
  readonly together?: readonly Change[];
}

const STARTED_BY_EVENTS: readonly RolloutTrigger[] = ['event', 'approval'];

/**
 * Starts a rollout; an endpoint takes one at a time, and of two at once one is refused.
 *
 * @throws NotFoundError, RolloutRunningError, DeploymentStateError, RolloutFrozenError,
 * StrategyNotSupportedError, and what RegistryReader.getDeployable throws
 */
export async function startRollout(
  deps: DeploymentDependencies,
  context: CallContext,
  request: RolloutRequest,
): Promise<Item<Rollout>> {
  const endpoint = await getEndpoint(deps.store, context, request.endpoint);
  requireIdle(endpoint.value);
  const { tenant } = context;
  // Nobody hears a refusal of what an event asks for: such a rollout begins, and waits for the freeze's end.
  if (!STARTED_BY_EVENTS.includes(request.trigger))
    await requireNoFreeze(deps.store, context, request.trigger);
  const version = await deps.registry.getDeployable(tenant, endpoint.value.model, request.version);
  if (version.version === endpoint.value.version && request.trigger !== 'settings') {
    throw new DeploymentStateError(
      `Version ${version.version} has all the traffic of '${endpoint.value.name}' already.`,
    );
  }
  return beginRollout(deps, context, endpoint, await choose(deps, context, endpoint.value, version, request));
}

async function choose(
  deps: DeploymentDependencies,
  context: CallContext,
  endpoint: Endpoint,
  version: DeployableVersion,
  request: RolloutRequest,
): Promise<NewRollout & { readonly together: readonly Change[] }> {
  // Without an incumbent there is nothing to compare with: the check with its own example decides.
  const asked = endpoint.version === null ? { strategy: 'all-at-once', policy: request.policy } : request;
  const isFree = endpoint.version === null || isGoingBack(request.trigger);
  const choice = await chooseRollout(deps.registry, context.tenant, endpoint.model, asked, isFree);
  requireJudgeable(choice.strategy, endpoint.capture.enabled);
  const { trigger, triggerReason = null, together = [] } = request;
  return { ...choice, endpoint, version, trigger, triggerReason, together };
}

async function beginRollout(
  deps: DeploymentDependencies,
  context: CallContext,
  endpoint: Item<Endpoint>,
  input: NewRollout & { readonly together: readonly Change[] },
): Promise<Item<Rollout>> {
  const { rollout, changes } = makeRollout(context, input);
  await deps.store
    .commit([lock(context, endpoint, rollout.id), ...changes, ...input.together])
    .catch((error: unknown) => {
      throw isLockTaken(error) ? new RolloutRunningError(endpoint.value.name, undefined) : error;
    });
  await deps.runner.start(context.tenant, rollout.id, rollout.generation);
  return { key: rolloutKey(context.tenant, rollout.id), value: rollout, revision: 1 };
}

/** The endpoint under its revision: of two rollouts at once only one finds it unchanged. */
function lock(context: CallContext, { key, value, revision }: Item<Endpoint>, rollout: string): Change {
  const isFirst = value.version === null;
  return {
    put: key,
    value: { ...value, rollout, updatedAt: isoTime(context), ...(isFirst ? { status: 'CREATING' } : {}) },
    expect: revision,
    placement: { list: ENDPOINTS_LIST, sort: value.createdAt },
  };
}

function isLockTaken(error: unknown): boolean {
  const key = error instanceof ConcurrentChangeError ? (error.details.key as { kind?: string }) : undefined;
  return key?.kind === 'endpoint';
}

/** @throws RolloutRunningError, DeploymentStateError */
export function requireIdle(endpoint: Endpoint): void {
  if (endpoint.target === 'external') {
    throw new DeploymentStateError(
      `'${endpoint.name}' is served elsewhere; there is nothing to roll out here.`,
    );
  }
  if (endpoint.status === 'DELETING') {
    throw new DeploymentStateError(`The endpoint '${endpoint.name}' is being deleted.`);
  }
  if (endpoint.rollout !== null) throw new RolloutRunningError(endpoint.name, endpoint.rollout);
}
