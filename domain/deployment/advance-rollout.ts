import { type CallContext, isoTime } from '../shared/call-context.ts';
import type { Change, Item } from '../shared/store.ts';
import { explainAwaited, needsApproval } from './approve-move.ts';
import { promoteCandidate, restoreIncumbent, type TrafficDependencies } from './complete-rollout.ts';
import { findForeignTraffic, type WatchDependencies } from './foreign-traffic.ts';
import { findHold, type Hold } from './hold.ts';
import { createJudge } from './judge/judge.ts';
import { type JudgedMinutes, judgeMinutes, toEpochMinute } from './judge-minutes.ts';
import { moveWeight } from './move-weight.ts';
import type { ObservationSource } from './ports.ts';
import { getRollout } from './read-deployment.ts';
import { decisionKey, type Rollout, type StoredDecision } from './rollout.ts';

export interface AdvanceDependencies extends TrafficDependencies {
  readonly functions: TrafficDependencies['functions'] & WatchDependencies['functions'];
  readonly observations: ObservationSource;
}

/** What a tick finds: the rollout, what holds it, and what somebody else did to its traffic. */
interface Found {
  readonly item: Item<Rollout>;
  readonly hold: Hold | undefined;
  readonly foreign: string | undefined;
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
  const led = generation === undefined ? item : adopt(item, generation);
  const decided = rollout.promotion ?? (rollout.command?.action === 'promote' && rollout.command.reason);
  if (decided) {
    await promoteCandidate(deps, acting, led, decided);
    return { finished: true };
  }
  const foreign = await findForeignTraffic(deps, context, rollout);
  const found: Found = {
    item: foreign === undefined ? led : noteStep(led, context, foreign),
    hold: await findHold(deps.store, context, rollout),
    foreign,
  };
  return rollout.firstMinute === null ? begin(deps, acting, found) : judge(deps, acting, found);
}

/** A step that leaves the weight as it is: the history of a rollout tells what was done to its traffic. */
function noteStep(item: Item<Rollout>, context: CallContext, reason: string): Item<Rollout> {
  const { steps, weight } = item.value;
  return { ...item, value: { ...item.value, steps: [...steps, { at: isoTime(context), weight, reason }] } };
}

/** The first move: all the traffic where nothing is to be judged, else the candidate's first share. */
async function begin(
  deps: AdvanceDependencies,
  context: CallContext,
  found: Found,
): Promise<{ readonly finished: boolean }> {
  const { item, hold } = found;
  const rollout = item.value;
  if (hold !== undefined) return rest(deps, context, found, hold);
  const why = reasonToPromote(rollout);
  if (why === undefined) return startTraffic(deps, context, item);
  if (needsApproval(rollout, 1)) {
    const reason = explainAwaited(1, why);
    const awaiting = { weight: 1, since: isoTime(context), reason };
    const asking = { ...item, value: { ...rollout, awaiting } };
    return rest(deps, context, { ...found, item: asking }, { pauseReason: 'APPROVAL', reason });
  }
  await promoteCandidate(deps, context, item, why);
  return { finished: true };
}

/** Keeps a rollout that has no traffic yet where it is; the event is for its first tick in this state. */
async function rest(
  deps: AdvanceDependencies,
  context: CallContext,
  { item, foreign }: Found,
  { pauseReason, reason }: Hold,
) {
  const move = { weight: item.value.weight, reason, foreign };
  await moveWeight(deps, context, item, { ...item.value, status: 'PAUSED', pauseReason }, move);
  return { finished: false };
}

function reasonToPromote({ strategy, incumbent }: Rollout): string | undefined {
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
    ...{
      status: 'RUNNING',
      pauseReason: null,
      judge: JSON.stringify(createJudge(policy, { task, scoreRange })),
      startedAt,
    },
    ...{ firstMinute: minute, nextMinute: minute },
  };
  await moveWeight(deps, context, item, started, { weight, reason: 'The candidate gets its first traffic' });
  return { finished: false };
}

async function judge(deps: AdvanceDependencies, context: CallContext, { item, hold, foreign }: Found) {
  const rollout = item.value;
  const judged = await judgeMinutes(deps.observations, context, rollout, hold);
  const decisions = toChanges(context.tenant, rollout.id, judged);
  const { nextMinute, awaiting } = judged;
  const next: Rollout = { ...rollout, judge: JSON.stringify(judged.judge), nextMinute, awaiting };
  const { last } = judged;
  if (last?.decision === 'ROLL_BACK') {
    await restoreIncumbent(deps, context, { ...item, value: next }, 'ROLLED_BACK', last.reason, decisions);
    return { finished: true };
  }
  if (last?.decision === 'PROMOTE') {
    await promoteCandidate(deps, context, { ...item, value: next }, last.reason, decisions);
    return { finished: true };
  }
  const status = toStatus(next, judged, hold);
  const reason = last?.reason ?? hold?.reason ?? 'The rollout goes on.';
  const move = { weight: judged.weight, reason, foreign, together: decisions };
  await moveWeight(deps, context, item, { ...next, ...status }, move);
  return { finished: false };
}

function toChanges(tenant: string, id: string, { decisions }: JudgedMinutes): Change[] {
  return decisions.map((decision) => ({
    put: decisionKey(tenant, id, decision.minute),
    value: { ...decision, statistics: JSON.stringify(decision.statistics) } satisfies StoredDecision,
    expect: 'absent',
  }));
}

/** Silence and freezes end by themselves; the other pauses are for people to end. */
function toStatus(
  rollout: Rollout,
  { last, awaiting }: JudgedMinutes,
  hold: Hold | undefined,
): Pick<Rollout, 'status' | 'pauseReason'> {
  const pauseReason = hold?.pauseReason ?? (awaiting === null ? undefined : 'APPROVAL');
  if (pauseReason !== undefined) return { status: 'PAUSED', pauseReason };
  const isSilent = last === undefined ? rollout.pauseReason === 'NO_DATA' : last.decision === 'PAUSE';
  return isSilent ? { status: 'PAUSED', pauseReason: 'NO_DATA' } : { status: 'RUNNING', pauseReason: null };
}
