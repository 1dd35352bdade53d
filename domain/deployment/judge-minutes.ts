import { emptyObservation, type Observation } from '../shared/observation.ts';
import { judgeTick } from './judge/judge.ts';
import type { Decision, JudgeState } from './judge/judge-state.ts';
import type { EpochMinute, ObservationSource } from './ports.ts';
import type { Rollout, RolloutDecision, RolloutStep } from './rollout.ts';

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
}

export function toEpochMinute(timeMs: number): EpochMinute {
  return Math.floor(timeMs / MINUTE_MS);
}

/** Judges every minute that has fully arrived since the last tick, in order. */
export async function judgeMinutes(
  source: ObservationSource,
  tenant: string,
  rollout: Rollout,
  nowMs: number,
): Promise<JudgedMinutes> {
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
  };
  if (to <= from) return judged;
  const candidate = await source.observe(tenant, rollout.endpoint, rollout.version, from, to);
  const incumbent = await observeIncumbent(source, tenant, rollout, from, to);
  for (let minute = from; minute < to; minute += 1) {
    judged = judgeMinute(rollout, judged, minute, {
      candidate: candidate[minute - from] ?? emptyObservation(),
      incumbent: incumbent[minute - from] ?? emptyObservation(),
    });
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
): JudgedMinutes {
  const isGreen = rollout.strategy === 'blue-green';
  const ran = weightAt(rollout.steps, minute);
  const { state, decision } = judgeTick(before.judge, {
    tick: minute - (rollout.firstMinute ?? minute),
    minute,
    weight: isGreen ? 0.5 : ran,
    ...arms,
  });
  const isPaused = rollout.pauseReason === 'OPERATOR';
  const isHeld = isPaused || (!isGreen && ran < before.weight);
  const kept = isHeld && decision.decision !== 'ROLL_BACK' ? holdPlan(before.judge, state, isPaused) : state;
  const shown = isHeld ? toHeld(decision, before.weight) : decision;
  return {
    judge: kept,
    nextMinute: minute + 1,
    last: shown,
    weight: isGreen ? before.weight : (shown.weight ?? before.weight),
    decisions: [...before.decisions, toRecord(minute, ran, shown, arms)],
  };
}

/**
 * The evidence of a minute without its step: an operator's pause stops the plan and its clock, and minutes that
 * ran at a lower weight than the present step's (they arrive late) do not count as that step's time.
 */
function holdPlan(before: JudgeState, after: JudgeState, isPaused: boolean): JudgeState {
  const startMinute = isPaused && after.startMinute !== null ? after.startMinute + 1 : after.startMinute;
  return { ...after, plan: before.plan, outcome: null, startMinute };
}

function toHeld(decision: Decision, weight: number): Decision {
  if (decision.decision === 'ROLL_BACK' || decision.decision === 'PAUSE') return decision;
  const { guardrails } = decision;
  const reason = 'No harm so far; the weight is held.';
  return { decision: 'CONTINUE', cause: 'STEP_HELD', weight, reason, guardrails };
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
