import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Item, Store } from '../shared/store.ts';
import type { RolloutOutcome } from './contract.ts';
import { ENDPOINTS_LIST, type Endpoint, endpointKey } from './endpoint.ts';
import { addHistory } from './endpoint-history.ts';
import { ModelDeployed, RolloutCompleted } from './events.ts';
import type { EndpointFunctions, RunTimeNames, ServingRoutes } from './ports.ts';
import { type Rollout, rolloutFacts, rolloutsList } from './rollout.ts';
import { endWork } from './unfinished-work.ts';

export interface TrafficDependencies {
  readonly store: Store;
  readonly names: RunTimeNames;
  readonly functions: Pick<EndpointFunctions, 'setTraffic'>;
  readonly routes: Pick<ServingRoutes, 'place'>;
}

export type EndingChanges = readonly Change[];

/**
 * Gives the candidate all the traffic. The intention is stored first: a crash between the alias and the store
 * is finished by the next tick instead of being judged again.
 */
export async function promoteCandidate(
  deps: TrafficDependencies,
  context: CallContext,
  item: Item<Rollout>,
  reason: string,
  together: EndingChanges = [],
): Promise<void> {
  const { candidate, endpoint, incumbent } = item.value;
  if (candidate === null) throw new Error(`The rollout ${item.value.id} has no candidate to promote.`);
  const intended = item.value.promotion === null ? await intend(deps.store, item, reason, together) : item;
  const functionName = deps.names.functionName(context.tenant, endpoint);
  await deps.functions.setTraffic(functionName, candidate.functionVersion);
  if (incumbent === null) await deps.routes.place(context.tenant, endpoint, functionName);
  await complete(deps.store, context, intended, 'PROMOTED', intended.value.promotion ?? reason);
}

async function intend(
  store: Store,
  item: Item<Rollout>,
  promotion: string,
  together: EndingChanges,
): Promise<Item<Rollout>> {
  const value: Rollout = { ...item.value, promotion };
  const placement = { list: rolloutsList(value.endpoint), sort: value.createdAt };
  await store.commit([{ put: item.key, value, expect: item.revision, placement }, ...together]);
  return { ...item, value, revision: item.revision + 1 };
}

/** Gives the incumbent all the traffic, then ends the rollout: safe to repeat, so the alias comes first. */
export async function restoreIncumbent(
  deps: Pick<TrafficDependencies, 'store' | 'names' | 'functions'>,
  context: CallContext,
  item: Item<Rollout>,
  outcome: Exclude<RolloutOutcome, 'PROMOTED'>,
  reason: string,
  together: EndingChanges = [],
): Promise<void> {
  const { incumbent, endpoint, candidate } = item.value;
  if (incumbent !== null && candidate !== null) {
    const functionName = deps.names.functionName(context.tenant, endpoint);
    await deps.functions.setTraffic(functionName, incumbent.functionVersion);
  }
  await complete(deps.store, context, item, outcome, reason, together);
}

async function complete(
  store: Store,
  context: CallContext,
  item: Item<Rollout>,
  outcome: RolloutOutcome,
  reason: string,
  together: EndingChanges = [],
): Promise<void> {
  const completedAt = isoTime(context);
  const weight = outcome === 'PROMOTED' ? 1 : 0;
  const changesWeight = weight !== item.value.weight;
  const value: Rollout = {
    ...item.value,
    ...{ status: 'COMPLETED', outcome, reason, pauseReason: null, weight, appliedWeight: weight },
    ...{ completedAt, updatedAt: completedAt, lastAdvancedAt: completedAt },
    steps: changesWeight ? [...item.value.steps, { at: completedAt, weight, reason }] : item.value.steps,
  };
  const event = makeEvent(RolloutCompleted, context, {
    resource: `endpoints/${value.endpoint}/rollouts/${value.id}`,
    sequence: item.revision + 1,
    data: { ...rolloutFacts(value), outcome, reason },
  });
  await store.commit([
    {
      put: item.key,
      value,
      expect: item.revision,
      placement: { list: rolloutsList(value.endpoint), sort: value.createdAt },
    },
    ...together,
    endWork({ work: 'rollout', tenant: context.tenant, id: value.id }),
    { emit: event },
    ...(await settleEndpoint(store, context, value)),
  ]);
}

/** The endpoint without its lock, serving what the outcome says. */
async function settleEndpoint(store: Store, context: CallContext, rollout: Rollout): Promise<Change[]> {
  const item = await store.get<Endpoint>(endpointKey(context.tenant, rollout.endpoint));
  if (item === undefined) return [];
  const before = item.value;
  const served = rollout.outcome === 'PROMOTED' ? rollout.candidate : null;
  const version = served?.version ?? before.version;
  const status = before.status === 'DELETING' ? 'DELETING' : version === null ? 'FAILED' : 'IN_SERVICE';
  const value: Endpoint = {
    ...before,
    version,
    functionVersion: served?.functionVersion ?? before.functionVersion,
    servingBundle: served?.servingBundle ?? before.servingBundle,
    status,
    reason: status === 'FAILED' ? rollout.reason : null,
    rollout: before.rollout === rollout.id ? null : before.rollout,
    updatedAt: isoTime(context),
  };
  const placement = { list: ENDPOINTS_LIST, sort: value.createdAt };
  return [
    { put: item.key, value, expect: item.revision, placement },
    ...(served === null ? [] : noteDeployment(context, item, rollout)),
  ];
}

function noteDeployment(
  context: CallContext,
  { value, revision }: Item<Endpoint>,
  rollout: Rollout,
): Change[] {
  const { endpoint, model, version, id } = rollout;
  const event = makeEvent(ModelDeployed, context, {
    resource: `endpoints/${endpoint}`,
    sequence: revision + 1,
    data: { endpoint, model, version, previousVersion: value.version, rollout: id },
  });
  const reason = rollout.triggerReason ?? rollout.reason ?? '';
  return [{ emit: event }, addHistory(context, endpoint, { model, version, rollout: id, reason })];
}
