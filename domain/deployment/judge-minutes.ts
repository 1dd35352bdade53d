import { type CallContext, isoTime } from '../shared/call-context.ts';
import { emptyObservation, type Observation } from '../shared/observation.ts';
import { explainAwaited, needsApproval } from './approve-move.ts';
import type { Hold } from './hold.ts';
import { judgeTick } from './judge/judge.ts';
import type { Decision, JudgeState } from './judge/judge-state.ts';
import type { EpochMinute, ObservationSource } from './ports.ts';
import type { AwaitedMove, Rollout, RolloutDecision, RolloutStep } from './rollout.ts';

/** A commit holds 90 changes; an hour's backlog a tick catches up with any outage soon enough. */
const MINUTES_PER_TICK = 60;
const MINUTE_MS = 60_000;

export interface JudgedMinutes {
  readonly judge: JudgeState;
  readonly nextMinute: EpochMinute;
  /** The last decision; undefined when no further minute had arrived. */
  readonly last: Decision | undefined;
  /** The candidate's share from now on. */
  readonly weight: number;
  readonly decisions: readonly RolloutDecision[];
  /** The move that waits for an approver from now on, if any. */
  readonly awaiting: AwaitedMove | null;
}

export function toEpochMinute(timeMs: number): EpochMinute {
  return Math.floor(timeMs / MINUTE_MS);
}

/**
 * Judges every minute that has fully arrived since the last tick, in order.
 *
 * @param hold what keeps the rollout where it is; the evidence counts all the same
 */
export async function judgeMinutes(
  source: ObservationSource,
  context: CallContext,
  rollout: Rollout,
  hold: Hold | undefined,
): Promise<JudgedMinutes> {
  const { tenant, nowMs } = context;
  const from = rollout.nextMinute ?? toEpochMinute(nowMs);
  const watermark = await source.getWatermark(tenant, rollout.endpoint, nowMs);
  const to = Math.min(watermark, from + MINUTES_PER_TICK);
  if (rollout.judge === null) throw new Error(`The rollout ${rollout.id} has no judge yet.`);
  let judged: JudgedMinutes = {
    judge: JSON.parse(rollout.judge) as JudgeState,
    nextMinute: from,
    last: undefined,
    weight: rollout.weight,
    decisions: [],
    awaiting: rollout.awaiting ?? null,
  };
  if (to <= from) return judged;
  const candidate = await source.observe(tenant, rollout.endpoint, rollout.version, from, to);
  const incumbent = await observeIncumbent(source, tenant, rollout, from, to);
  for (let minute = from; minute < to; minute += 1) {
    const arms = {
      candidate: candidate[minute - from] ?? emptyObservation(),
      incumbent: incumbent[minute - from] ?? emptyObservation(),
    };
    judged = judgeMinute(rollout, judged, minute, arms, { hold, at: isoTime(context) });
    if (judged.last?.decision === 'ROLL_BACK' || judged.last?.decision === 'PROMOTE') break;
  }
  return judged;
}

/**
 * What the candidate is compared with. Green has all the traffic, so that its minutes are paired with the
 * incumbent's last ones, going back from the switch; none is used twice.
 */
async function observeIncumbent(
  source: ObservationSource,
  tenant: string,
  rollout: Rollout,
  from: EpochMinute,
  to: EpochMinute,
): Promise<readonly Observation[]> {
  const version = rollout.incumbent?.version ?? 0;
  if (rollout.strategy !== 'blue-green') return source.observe(tenant, rollout.endpoint, version, from, to);
  const first = rollout.firstMinute ?? from;
  const [start, end] = [first - (to - first), first - (from - first)];
  return (await source.observe(tenant, rollout.endpoint, version, start, end)).toReversed();
}

function judgeMinute(
  rollout: Rollout,
  before: JudgedMinutes,
  minute: EpochMinute,
  arms: { readonly candidate: Observation; readonly incumbent: Observation },
  { hold, at }: { readonly hold: Hold | undefined; readonly at: string },
): JudgedMinutes {
  const isGreen = rollout.strategy === 'blue-green';
  const ran = weightAt(rollout.steps, minute);
  const { state, decision } = judgeTick(before.judge, {
    tick: minute - (rollout.firstMinute ?? minute),
    minute,
    weight: isGreen ? 0.5 : ran,
    ...arms,
  });
  const isLate = !isGreen && ran < before.weight;
  const awaiting =
    before.awaiting ?? (hold === undefined && !isLate ? findAwaited(rollout, decision, at) : null);
  const pause = hold?.reason ?? awaiting?.reason;
  const isHeld = (pause !== undefined || isLate) && !isHarm(decision, pause !== undefined);
  const kept = isHeld ? holdPlan(before.judge, state, pause !== undefined) : state;
  const shown = isHeld ? toHeld(decision, before, awaiting, pause) : decision;
  return {
    judge: kept,
    nextMinute: minute + 1,
    last: shown,
    weight: isGreen ? before.weight : (shown.weight ?? before.weight),
    decisions: [...before.decisions, toRecord(minute, ran, shown, arms)],
    awaiting,
  };
}

/** What the judge would do next, when that takes an approval that nobody has given. */
function findAwaited(
  rollout: Rollout,
  { decision, cause, weight, reason }: Decision,
  since: string,
): AwaitedMove | null {
  const isMove = decision === 'PROMOTE' || cause === 'STEP_ADVANCED';
  if (!isMove || weight === undefined || !needsApproval(rollout, weight)) return null;
  return { weight, since, reason: explainAwaited(weight, reason) };
}

/** Harm ends a rollout whatever holds it. Silence does not: a pause may last over nights without a caller. */
function isHarm({ decision, cause }: Decision, isPaused: boolean): boolean {
  return decision === 'ROLL_BACK' && !(isPaused && cause === 'NO_DATA');
}

/**
 * The evidence of a minute without its step: a pause stops the plan and its clocks, and minutes that ran at a
 * lower weight than the present step's (they arrive late) do not count as that step's time.
 */
function holdPlan(before: JudgeState, after: JudgeState, isPaused: boolean): JudgeState {
  const held = { ...after, plan: before.plan, outcome: null };
  if (!isPaused) return held;
  const { startMinute } = after;
  return {
    ...held,
    silence: before.silence,
    startMinute: startMinute === null ? null : startMinute + 1,
  };
}

function toHeld(
  decision: Decision,
  before: JudgedMinutes,
  awaiting: AwaitedMove | null,
  pause = 'No harm so far; the weight is held.',
): Decision {
  if (decision.decision === 'PAUSE') return decision;
  const { guardrails } = decision;
  if (awaiting !== null) return { decision: 'PAUSE', cause: 'APPROVAL_NEEDED', reason: pause, guardrails };
  return { decision: 'CONTINUE', cause: 'STEP_HELD', weight: before.weight, reason: pause, guardrails };
}

/** The candidate's share while the minute ran: what was set last before it began. */
function weightAt(steps: readonly RolloutStep[], minute: EpochMinute): number {
  const begin = minute * MINUTE_MS;
  return steps.findLast((step) => Date.parse(step.at) <= begin)?.weight ?? 0;
}

function toRecord(
  minute: EpochMinute,
  weight: number,
  { decision, reason, cause, guardrails }: Decision,
  arms: { readonly candidate: Observation; readonly incumbent: Observation },
): RolloutDecision {
  const count = ({ requests, errors }: Observation) => ({ requests, errors });
  return {
    minute: new Date(minute * MINUTE_MS).toISOString(),
    weight,
    decision,
    reason,
    statistics: {
      cause,
      candidate: count(arms.candidate),
      incumbent: count(arms.incumbent),
      guardrails,
    },
  };
}
