import type { RegistryReader } from '../registry/ports.ts';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import { requireRole } from '../shared/principal.ts';
import type { Item, Store } from '../shared/store.ts';
import { makeApproval, needsApproval } from './approve-move.ts';
import { DeploymentStateError } from './errors.ts';
import { RolloutStepChanged } from './events.ts';
import { requireNoFreeze } from './freeze-calendar.ts';
import type { RolloutRunner } from './ports.ts';
import { getRollout } from './read-deployment.ts';
import { type Rollout, rolloutFacts, rolloutsList } from './rollout.ts';

interface CommandDependencies {
  readonly store: Store;
  readonly runner: RolloutRunner;
}

interface DecisionDependencies extends CommandDependencies {
  readonly registry: RegistryReader;
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

/**
 * Ends a pause. One that waits for an approval is approved by this, and only by an approver; a freeze ends by the
 * calendar.
 *
 * @throws NotFoundError, DeploymentStateError, RolloutFrozenError, ForbiddenError, OwnWorkError
 */
export async function resumeRollout(
  deps: DecisionDependencies,
  context: CallContext,
  id: string,
  reason?: string,
) {
  const item = await getRollout(deps.store, context, id);
  const { status, pauseReason, awaiting, trigger } = item.value;
  if (pauseReason === 'APPROVAL' && awaiting) return approveMove(deps, context, item, reason);
  requireRole(context.principal, 'operator');
  if (status === 'RUNNING') return item;
  requireStatus(item.value, ['PAUSED'], 'resumed');
  if (pauseReason === 'FREEZE') await requireNoFreeze(deps.store, context, trigger);
  const fields = { status: 'RUNNING', pauseReason: null } as const;
  return change(deps.store, context, item, fields, reason ?? 'Resumed by an operator');
}

/** The judge has the last word: the move is made after the next minute that speaks for it, too. */
async function approveMove(
  { store, registry, runner }: DecisionDependencies,
  context: CallContext,
  item: Item<Rollout>,
  reason = 'Approved',
): Promise<Item<Rollout>> {
  const { value } = item;
  const approval = await makeApproval(registry, context, value, value.awaiting ?? { weight: 1 }, reason);
  const approvals = [...(value.approvals ?? []), approval];
  const fields = { status: 'RUNNING', pauseReason: null, awaiting: null, approvals } as const;
  const changed = await change(store, context, item, fields, `Approved: ${reason}`);
  if (value.firstMinute !== null) return changed;
  // There is no minute to wait for before the first traffic.
  await runner.advanceNow(context.tenant, value.id);
  return getRollout(store, context, value.id);
}

/**
 * Promotes a candidate by hand. It takes the approval that the plan would have asked for.
 *
 * @throws NotFoundError, DeploymentStateError, RolloutFrozenError, ForbiddenError, OwnWorkError
 */
export async function promoteRolloutNow(
  deps: DecisionDependencies,
  context: CallContext,
  id: string,
  reason: string,
): Promise<Item<Rollout>> {
  const { value } = await getRollout(deps.store, context, id);
  requireStatus(value, ['RUNNING', 'PAUSED'], 'promoted');
  await requireNoFreeze(deps.store, context, value.trigger);
  if (!needsApproval(value, 1)) return endRolloutNow(deps, context, id, 'promote', reason);
  const approval = await makeApproval(deps.registry, context, value, { weight: 1 }, reason);
  return endRolloutNow(deps, context, id, 'promote', reason, [...(value.approvals ?? []), approval]);
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
  approvals?: Rollout['approvals'],
): Promise<Item<Rollout>> {
  const item = await getRollout(store, context, id);
  const allowed =
    action === 'abort' ? (['PENDING', 'RUNNING', 'PAUSED'] as const) : (['RUNNING', 'PAUSED'] as const);
  requireStatus(item.value, allowed, action === 'abort' ? 'aborted' : 'promoted');
  const value: Rollout = {
    ...item.value,
    command: { action, reason, actor: context.actor },
    ...(approvals === undefined ? {} : { approvals }),
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
  fields: {
    readonly status: 'RUNNING' | 'PAUSED';
    readonly pauseReason: 'OPERATOR' | null;
  } & Pick<Rollout, 'awaiting' | 'approvals'>,
  reason: string,
): Promise<Item<Rollout>> {
  const value: Rollout = { ...item.value, ...fields, updatedAt: isoTime(context) };
  const event = makeEvent(RolloutStepChanged, context, {
    resource: `endpoints/${value.endpoint}/rollouts/${value.id}`,
    sequence: item.revision + 1,
    data: {
      ...rolloutFacts(value),
      status: fields.status,
      pauseReason: fields.pauseReason,
      weight: value.weight,
      reason,
    },
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
