import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Item } from '../shared/store.ts';
import { put } from './command-rollout.ts';
import { promoteCandidate, restoreIncumbent, type TrafficDependencies } from './complete-rollout.ts';
import { RolloutStepChanged } from './events.ts';
import { createJudge } from './judge/judge.ts';
import { type JudgedMinutes, judgeMinutes, toEpochMinute } from './judge-minutes.ts';
import type { ObservationSource } from './ports.ts';
import { getRollout } from './read-deployment.ts';
import { decisionKey, type Rollout, rolloutFacts, type StoredDecision } from './rollout.ts';

export interface AdvanceDependencies extends TrafficDependencies {
  readonly observations: ObservationSource;
}

/**
 * One tick of a rollout: takes up commands, starts the traffic, judges the minutes that have arrived, moves
 * the weights. The only place, with `failRollout`, that changes traffic. Any tick may be repeated.
 *
 * @param generation of the execution that calls; absent for a call between ticks
 * @throws ConcurrentChangeError when another tick or command came first (repeat)
 */
export async function advanceRollout(
  deps: AdvanceDependencies,
  context: CallContext,
  rolloutId: string,
  generation?: number,
): Promise<{ readonly finished: boolean }> {
  const item = await getRollout(deps.store, context, rolloutId);
  const rollout = item.value;
  const acting = { ...context, actor: rollout.command?.actor ?? rollout.createdBy };
  if (rollout.status === 'COMPLETED') return { finished: true };
  if (generation !== undefined && generation < rollout.generation) return { finished: true };
  if (rollout.command?.action === 'abort') {
    await restoreIncumbent(deps, acting, item, 'ABORTED', rollout.command.reason);
    return { finished: true };
  }
  // A call between ticks may come before the candidate is there, and then has nothing to do.
  if (rollout.candidate === null) return { finished: false };
  const reason = reasonToPromote(rollout);
  if (reason !== undefined) {
    await promoteCandidate(deps, acting, item, reason);
    return { finished: true };
  }
  const led = generation === undefined ? item : adopt(item, generation);
  if (rollout.firstMinute === null) return startTraffic(deps, acting, led);
  return judge(deps, acting, led);
}

function reasonToPromote({ promotion, command, strategy, incumbent }: Rollout): string | undefined {
  if (promotion !== null) return promotion;
  if (command?.action === 'promote') return command.reason;
  if (incumbent === null) return 'It answered its own example, and nothing was served before.';
  if (strategy === 'all-at-once') return 'All at once: it answered its own example.';
  return undefined;
}

/** A successor execution has the higher number; from its first tick on the older one stops. */
function adopt(item: Item<Rollout>, generation: number): Item<Rollout> {
  return { ...item, value: { ...item.value, generation } };
}

async function startTraffic(deps: AdvanceDependencies, context: CallContext, item: Item<Rollout>) {
  const { policy, task, scoreRange, strategy } = item.value;
  const weight = strategy === 'blue-green' ? 1 : policy.firstWeight;
  const startedAt = isoTime(context);
  const minute = toEpochMinute(context.nowMs);
  const started: Rollout = {
    ...item.value,
    ...{ status: 'RUNNING', judge: JSON.stringify(createJudge(policy, { task, scoreRange })), startedAt },
    ...{ firstMinute: minute, nextMinute: minute },
  };
  await moveWeight(deps, context, item, started, weight, 'The candidate gets its first traffic', []);
  return { finished: false };
}

async function judge(deps: AdvanceDependencies, context: CallContext, item: Item<Rollout>) {
  const rollout = item.value;
  const judged = await judgeMinutes(deps.observations, context.tenant, rollout, context.nowMs);
  const decisions = toChanges(context.tenant, rollout.id, judged);
  const next: Rollout = { ...rollout, judge: JSON.stringify(judged.judge), nextMinute: judged.nextMinute };
  const { last } = judged;
  if (last?.decision === 'ROLL_BACK') {
    await restoreIncumbent(deps, context, { ...item, value: next }, 'ROLLED_BACK', last.reason, decisions);
    return { finished: true };
  }
  if (last?.decision === 'PROMOTE') {
    await promoteCandidate(deps, context, { ...item, value: next }, last.reason, decisions);
    return { finished: true };
  }
  const status = toStatus(next, judged);
  const reason = last?.reason ?? '';
  await moveWeight(deps, context, item, { ...next, ...status }, judged.weight, reason, decisions);
  return { finished: false };
}

function toChanges(tenant: string, id: string, { decisions }: JudgedMinutes): Change[] {
  return decisions.map((decision) => ({
    put: decisionKey(tenant, id, decision.minute),
    value: { ...decision, statistics: JSON.stringify(decision.statistics) } satisfies StoredDecision,
    expect: 'absent',
  }));
}

/** Silence pauses and ends its pause by itself; an operator's pause is for the operator to end. */
function toStatus(rollout: Rollout, { last }: JudgedMinutes): Pick<Rollout, 'status' | 'pauseReason'> {
  if (rollout.pauseReason === 'OPERATOR' || last === undefined) {
    return { status: rollout.status, pauseReason: rollout.pauseReason };
  }
  if (last.decision === 'PAUSE') return { status: 'PAUSED', pauseReason: 'NO_DATA' };
  return { status: 'RUNNING', pauseReason: null };
}

/** Stores what was decided, then tells Lambda; a crash in between is made good by the next tick. */
async function moveWeight(
  deps: AdvanceDependencies,
  context: CallContext,
  item: Item<Rollout>,
  next: Rollout,
  weight: number,
  reason: string,
  together: readonly Change[],
): Promise<void> {
  const at = isoTime(context);
  const isMoved = weight !== item.value.weight;
  const value: Rollout = {
    ...next,
    weight,
    steps: isMoved ? [...next.steps, { at, weight, reason }] : next.steps,
    lastAdvancedAt: at,
    updatedAt: at,
  };
  const isNews =
    isMoved || value.status !== item.value.status || value.pauseReason !== item.value.pauseReason;
  const event = stepEvent(context, item.revision + 1, value, reason);
  await deps.store.commit([put(item, value), ...together, ...(isNews ? [{ emit: event }] : [])]);
  if (value.weight === value.appliedWeight) return;
  await applyWeight(deps, context, value);
  const stored = { ...item, revision: item.revision + 1 };
  await deps.store.commit([put(stored, { ...value, appliedWeight: value.weight })]);
}

async function applyWeight(deps: AdvanceDependencies, context: CallContext, rollout: Rollout): Promise<void> {
  const { incumbent, candidate, weight, endpoint } = rollout;
  if (incumbent === null || candidate === null) return;
  const functionName = deps.names.functionName(context.tenant, endpoint);
  const { functionVersion } = candidate;
  if (weight >= 1) await deps.functions.setTraffic(functionName, functionVersion);
  else await deps.functions.setTraffic(functionName, incumbent.functionVersion, { functionVersion, weight });
}

function stepEvent(context: CallContext, sequence: number, rollout: Rollout, reason: string) {
  const status: 'RUNNING' | 'PAUSED' = rollout.status === 'PAUSED' ? 'PAUSED' : 'RUNNING';
  const { pauseReason, weight } = rollout;
  return makeEvent(RolloutStepChanged, context, {
    resource: `endpoints/${rollout.endpoint}/rollouts/${rollout.id}`,
    sequence,
    data: { ...rolloutFacts(rollout), status, pauseReason, weight, reason },
  });
}
