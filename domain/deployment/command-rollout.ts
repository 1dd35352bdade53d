import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Store } from '../shared/store.ts';
import { DeploymentStateError } from './errors.ts';
import { RolloutStepChanged } from './events.ts';
import type { RolloutRunner } from './ports.ts';
import { getRollout } from './read-deployment.ts';
import { type Rollout, rolloutFacts, rolloutsList } from './rollout.ts';

interface CommandDependencies {
  readonly store: Store;
  readonly runner: RolloutRunner;
}

/**
 * Holds the weight where it is; harm still ends the rollout.
 *
 * @throws NotFoundError, DeploymentStateError
 */
export async function pauseRollout(
  { store }: Pick<CommandDependencies, 'store'>,
  context: CallContext,
  id: string,
) {
  const item = await getRollout(store, context, id);
  if (item.value.status === 'PAUSED' && item.value.pauseReason === 'OPERATOR') return item;
  requireStatus(item.value, ['RUNNING', 'PAUSED'], 'paused');
  return change(store, context, item, { status: 'PAUSED', pauseReason: 'OPERATOR' }, 'Paused by an operator');
}

/** @throws NotFoundError, DeploymentStateError */
export async function resumeRollout(
  { store }: Pick<CommandDependencies, 'store'>,
  context: CallContext,
  id: string,
) {
  const item = await getRollout(store, context, id);
  if (item.value.status === 'RUNNING') return item;
  requireStatus(item.value, ['PAUSED'], 'resumed');
  return change(store, context, item, { status: 'RUNNING', pauseReason: null }, 'Resumed by an operator');
}

/**
 * Ends a rollout now: `abort` with the incumbent, `promote` with the candidate. Answers the rollout as it is
 * after the tick that this starts.
 *
 * @throws NotFoundError, DeploymentStateError
 */
export async function endRolloutNow(
  { store, runner }: CommandDependencies,
  context: CallContext,
  id: string,
  action: 'abort' | 'promote',
  reason: string,
): Promise<Item<Rollout>> {
  const item = await getRollout(store, context, id);
  const allowed =
    action === 'abort' ? (['PENDING', 'RUNNING', 'PAUSED'] as const) : (['RUNNING', 'PAUSED'] as const);
  requireStatus(item.value, allowed, action === 'abort' ? 'aborted' : 'promoted');
  const value: Rollout = {
    ...item.value,
    command: { action, reason, actor: context.actor },
    updatedAt: isoTime(context),
  };
  await store.commit([put(item, value)]);
  await runner.advanceNow(context.tenant, id);
  return getRollout(store, context, id);
}

async function change(
  store: Store,
  context: CallContext,
  item: Item<Rollout>,
  fields: { readonly status: 'RUNNING' | 'PAUSED'; readonly pauseReason: 'OPERATOR' | null },
  reason: string,
): Promise<Item<Rollout>> {
  const value: Rollout = { ...item.value, ...fields, updatedAt: isoTime(context) };
  const event = makeEvent(RolloutStepChanged, context, {
    resource: `endpoints/${value.endpoint}/rollouts/${value.id}`,
    sequence: item.revision + 1,
    data: { ...rolloutFacts(value), ...fields, weight: value.weight, reason },
  });
  await store.commit([put(item, value), { emit: event }]);
  return { ...item, value, revision: item.revision + 1 };
}

/** A rollout under its revision, where its list expects it. */
export function put({ key, revision }: Item<Rollout>, value: Rollout) {
  const placement = { list: rolloutsList(value.endpoint), sort: value.createdAt };
  return { put: key, value, expect: revision, placement };
}

function requireStatus(rollout: Rollout, allowed: readonly Rollout['status'][], done: string): void {
  if (allowed.includes(rollout.status)) return;
  throw new DeploymentStateError(
    `The rollout is ${rollout.status}${rollout.outcome === null ? '' : ` (${rollout.outcome})`}; ` +
      `only one that is ${allowed.join(' or ')} can be ${done}.`,
  );
}
