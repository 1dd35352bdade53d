import * as z from 'zod';
import { ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected } from '../registry/events.ts';
import type { CallContext } from '../shared/call-context.ts';
import { AlreadyExistsError, ForbiddenError } from '../shared/domain-error.ts';
import { eventDetail } from '../shared/event.ts';
import type { Change } from '../shared/store.ts';
import { endRolloutNow } from './command-rollout.ts';
import { ROLLOUT_STRATEGIES, rolloutPolicy, versionReference } from './contract.ts';
import type { DeploymentDependencies } from './create-endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { DeploymentStateError } from './errors.ts';
import { listAllEndpoints } from './read-endpoints.ts';
import { rollBackEndpoint } from './roll-back-endpoint.ts';
import { type Rollout, rolloutKey } from './rollout.ts';
import { type RolloutRequest, startRollout } from './start-rollout.ts';

/** An event as EventBridge delivers it. */
export interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
}

/** What a platform team puts on the requests bus to start a rollout. */
export const rolloutRequested = z.looseObject({
  /** May be left out; if it is there it must be the principal's own. */
  tenant: z.string().optional(),
  endpoint: z.string(),
  version: versionReference,
  strategy: z.enum(ROLLOUT_STRATEGIES).optional(),
  policy: rolloutPolicy.optional(),
  reason: z.string().max(1000).optional(),
});

/** The bus policy lets a principal put only under its own tenant's source. */
const REQUEST_SOURCE = /^perennial\.tenant\.([a-z][a-z0-9-]{0,47})$/;
/** EventBridge repeats within a day. */
const REMEMBERED_MS = 7 * 24 * 3600 * 1000;

export interface ReactionOutcome {
  readonly started: readonly string[];
}

type ContextOf = (tenant: string, actor: string) => CallContext;

/**
 * Reacts to an event of the registry or of the requests bus. A repeated event starts nothing twice.
 *
 * @throws ForbiddenError when a request names another tenant than its principal's
 */
export async function startRequestedRollout(
  deps: DeploymentDependencies,
  contextOf: ContextOf,
  event: BusEvent,
): Promise<ReactionOutcome> {
  if (event['detail-type'] === 'RolloutRequested') return startFromRequest(deps, contextOf, event);
  const detail = eventDetail.parse(event.detail);
  const context = contextOf(detail.tenant, detail.actor);
  if (event['detail-type'] === ModelVersionRejected.detailType) {
    return reactToRejection(deps, context, ModelVersionRejected.data.parse(detail.data));
  }
  const type =
    event['detail-type'] === ModelVersionApproved.detailType ? ModelVersionApproved : ModelVersionRegistered;
  return reactToApproval(deps, context, detail.eventId, type.data.parse(detail.data));
}

async function startFromRequest(deps: DeploymentDependencies, contextOf: ContextOf, event: BusEvent) {
  const tenant = REQUEST_SOURCE.exec(event.source)?.[1];
  const request = rolloutRequested.parse(event.detail);
  if (tenant === undefined || (request.tenant !== undefined && request.tenant !== tenant)) {
    throw new ForbiddenError(`The source '${event.source}' may not ask for the tenant '${request.tenant}'.`);
  }
  const context = contextOf(tenant, 'requests-bus');
  const { endpoint, version, strategy, policy, reason } = request;
  return startOnce(deps, context, event.id, {
    ...{ endpoint, version, strategy, policy },
    trigger: 'event',
    triggerReason: reason ?? 'Asked for on the requests bus',
  });
}

interface Approved {
  readonly model: string;
  readonly version: number;
  readonly rollOut: { readonly strategy: string | null; readonly policy: Record<string, unknown> } | null;
}

/**
 * Rolls out on every endpoint that serves the model, when its policy says so. One that is busy holds up no other.
 *
 * @throws AggregateError after all were tried, so that the event is repeated for those that were busy
 */
async function reactToApproval(
  deps: DeploymentDependencies,
  context: CallContext,
  eventId: string,
  { model, version, rollOut }: Approved,
): Promise<ReactionOutcome> {
  if (rollOut === null) return { started: [] };
  const endpoints = (await listAllEndpoints(deps.store, context.tenant)).filter(
    (endpoint) => endpoint.model === model && endpoint.target === 'platform' && endpoint.version !== version,
  );
  const started: string[] = [];
  const failures: unknown[] = [];
  for (const { name } of endpoints) {
    const request = {
      endpoint: name,
      version,
      strategy: rollOut.strategy ?? undefined,
      policy: rollOut.policy,
    };
    const triggerReason = `Version ${version} of '${model}' may be served, and the model's policy rolls it out`;
    await startOnce(deps, context, `${eventId}#${name}`, { ...request, trigger: 'approval', triggerReason })
      .then((reaction) => started.push(...reaction.started))
      .catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} endpoints could not roll out yet.`);
  return { started };
}

async function startOnce(
  deps: DeploymentDependencies,
  context: CallContext,
  eventId: string,
  request: RolloutRequest,
): Promise<ReactionOutcome> {
  const key = { tenant: context.tenant, kind: 'handled-event', id: `rollout#${eventId}` };
  if ((await deps.store.get(key)) !== undefined) return { started: [] };
  const mark: Change = {
    put: key,
    value: { endpoint: request.endpoint },
    expect: 'absent',
    expiresAtMs: context.nowMs + REMEMBERED_MS,
  };
  try {
    const rollout = await startRollout(deps, context, { ...request, together: [mark] });
    return { started: [rollout.value.id] };
  } catch (error) {
    if (error instanceof AlreadyExistsError) return { started: [] };
    throw error;
  }
}

interface Rejected {
  readonly model: string;
  readonly version: number;
  readonly reason: string;
  readonly goBackTo: number | null;
}

/** What serves and was rejected goes back to the last approved version; a candidate is stopped. */
async function reactToRejection(
  deps: DeploymentDependencies,
  context: CallContext,
  rejected: Rejected,
): Promise<ReactionOutcome> {
  const started: string[] = [];
  const reason = `Version ${rejected.version} was rejected: ${rejected.reason || 'no reason given'}`;
  for (const endpoint of await listAllEndpoints(deps.store, context.tenant)) {
    if (endpoint.model !== rejected.model || endpoint.target !== 'platform') continue;
    await stopCandidate(deps, context, endpoint, rejected.version, reason);
    if (endpoint.version !== rejected.version || rejected.goBackTo === null) continue;
    const rollout = await goBack(deps, context, endpoint.name, rejected.goBackTo, reason);
    if (rollout !== undefined) started.push(rollout);
  }
  return { started };
}

async function stopCandidate(
  deps: DeploymentDependencies,
  context: CallContext,
  endpoint: Endpoint,
  version: number,
  reason: string,
): Promise<void> {
  if (endpoint.rollout === null) return;
  const rollout = await deps.store.get<Rollout>(rolloutKey(context.tenant, endpoint.rollout));
  if (rollout?.value.version !== version || rollout.value.status === 'COMPLETED') return;
  await endRolloutNow(deps, context, endpoint.rollout, 'abort', reason);
}

async function goBack(
  deps: DeploymentDependencies,
  context: CallContext,
  endpoint: string,
  toVersion: number,
  reason: string,
): Promise<string | undefined> {
  try {
    const rollout = await rollBackEndpoint(deps, context, endpoint, { toVersion, reason }, 'rejection');
    return rollout.value.id;
  } catch (error) {
    // A repeated event finds the endpoint where it should be.
    if (error instanceof DeploymentStateError) return undefined;
    throw error;
  }
}
