import { LATENCY_EDGES_MS, UNIT_SCORE_RANGE } from '../../shared/observation.ts';
import { startCollapseGuard, watchCollapse } from './guard-collapse.ts';
import { startErrorGuard, watchErrors } from './guard-errors.ts';
import { startLatencyGuard, watchLatency } from './guard-latency.ts';
import { startQualityGuard, watchQuality } from './guard-quality.ts';
import { startScoreGuard, watchScores } from './guard-score.ts';
import { familyEvidence, openDoubts, reportGuardrails } from './guardrails.ts';
import type { Cause, Decision, GuardrailReport, JudgeContext, JudgeState, JudgeTick } from './judge-state.ts';
import type { RolloutPolicy } from './policy.ts';
import {
  explainAdvance,
  explainHarm,
  explainHold,
  explainPromotion,
  explainSilence,
  explainTimeout,
} from './reasons.ts';
import { addSilence, isSilent, startSilence, wasSilentTooLong } from './silence.ts';
import { nextMove, plannedWeight, startPlan } from './weight-plan.ts';

/** Evidence from which the weight is not raised any more, as a power of 1 / alpha: 10 by default. */
const SUSPICION_POWER = 0.5;

/** The state of a rollout that has seen nothing yet; its first weight is `policy.firstWeight`. */
export function createJudge(policy: RolloutPolicy, context: JudgeContext): JudgeState {
  return {
    version: 1,
    policy,
    scoreRange: context.scoreRange ?? UNIT_SCORE_RANGE,
    latencyShiftBins: binsOfRatio(policy, context.latencyEdgesMs ?? LATENCY_EDGES_MS),
    startMinute: null,
    lastMinute: null,
    plan: startPlan(),
    silence: startSilence(),
    errors: startErrorGuard(),
    latency: startLatencyGuard(),
    score: startScoreGuard(),
    collapse: startCollapseGuard(),
    quality: startQualityGuard(),
    outcome: null,
  };
}

/**
 * Judges one minute: pure, so that the same state and minute always give the same decision. A minute that was
 * judged already changes nothing, and after ROLL_BACK or PROMOTE the outcome is repeated.
 */
export function judgeTick(state: JudgeState, tick: JudgeTick): { state: JudgeState; decision: Decision } {
  if (state.outcome !== null) return { state, decision: repeatOutcome(state.outcome) };
  if (state.lastMinute !== null && tick.minute <= state.lastMinute) {
    return { state, decision: alreadyJudged(tick.minute) };
  }
  const watched = watchMinute(state, tick);
  const ruling = decide(watched, tick);
  return { state: applyRuling(watched, ruling), decision: ruling.decision };
}

/** A decision, and the step of the plan that it leads to when that is another one. */
interface Ruling {
  readonly decision: Decision;
  readonly step?: number;
}

function watchMinute(state: JudgeState, tick: JudgeTick): JudgeState {
  const { policy } = state;
  const { candidate, incumbent } = tick;
  const startMinute = state.startMinute ?? tick.minute;
  const elapsed = tick.minute - startMinute;
  const { maxMinutes, coldStartGraceMinutes: grace, guardrails } = policy;
  const latency =
    elapsed < grace
      ? state.latency
      : watchLatency(state.latency, candidate.latency, incumbent.latency, {
          shiftBins: state.latencyShiftBins,
          tailIsSettled: elapsed >= 2 * grace,
          maxMinutes,
        });
  return {
    ...state,
    startMinute,
    lastMinute: tick.minute,
    plan: {
      step: state.plan.step,
      minutes: state.plan.minutes + 1,
      requests: state.plan.requests + candidate.requests,
    },
    silence: addSilence(state.silence, tick),
    errors: watchErrors(
      state.errors,
      candidate,
      incumbent,
      guardrails.errorRate,
      maxMinutes,
      tick.weight >= 1,
    ),
    latency,
    score: watchScores(
      state.score,
      candidate.score,
      incumbent.score,
      guardrails.score.maxShiftSd,
      maxMinutes,
    ),
    collapse: watchCollapse(state.collapse, candidate.score, incumbent.score, maxMinutes),
    quality: watchQuality(
      state.quality,
      candidate.outcomes,
      incumbent.outcomes,
      guardrails.quality,
      maxMinutes,
    ),
  };
}

function decide(state: JudgeState, tick: JudgeTick): Ruling {
  const { policy, silence } = state;
  const guardrails = reportGuardrails(state);
  const evidence = familyEvidence(guardrails);
  const elapsed = tick.minute - (state.startMinute ?? tick.minute);
  if (evidence >= 1 / policy.alpha) return rollBack('HARM', explainHarm(guardrails), guardrails);
  if (elapsed >= policy.maxMinutes) return rollBack('TIMEOUT', explainTimeout(policy.maxMinutes), guardrails);
  if (!isSilent(silence, policy)) return followPlan(state, guardrails, evidence, elapsed + 1);
  if (wasSilentTooLong(silence, policy))
    return rollBack('NO_DATA', explainSilence(silence, true), guardrails);
  const reason = explainSilence(silence, false);
  return { decision: { decision: 'PAUSE', cause: 'NO_DATA', reason, guardrails } };
}

function followPlan(
  state: JudgeState,
  guardrails: readonly GuardrailReport[],
  evidence: number,
  minutes: number,
): Ruling {
  const { policy, plan, silence } = state;
  const doubts = openDoubts(guardrails);
  const suspicion = evidence >= (1 / policy.alpha) ** SUSPICION_POWER;
  const move = nextMove(policy, plan, { minutes, doubt: doubts.length > 0, suspicion });
  if (move.kind === 'advance') {
    const { step, weight } = move;
    const reason = explainAdvance(plan.step, weight);
    return { decision: { decision: 'CONTINUE', cause: 'STEP_ADVANCED', weight, reason, guardrails }, step };
  }
  if (move.kind === 'finish' && silence.minutes === 0) {
    const reason = explainPromotion(guardrails);
    return { decision: { decision: 'PROMOTE', cause: 'EVIDENCE_OF_NO_HARM', weight: 1, reason, guardrails } };
  }
  const why = move.kind === 'hold' ? move.why : 'requests';
  const weight = Math.min(1, plannedWeight(policy, plan.step));
  const cause = why === 'doubt' || why === 'suspicion' ? 'DOUBT_REMAINS' : 'STEP_HELD';
  return {
    decision: { decision: 'CONTINUE', cause, weight, reason: explainHold(why, state, doubts), guardrails },
  };
}

function rollBack(cause: Cause, reason: string, guardrails: readonly GuardrailReport[]): Ruling {
  return { decision: { decision: 'ROLL_BACK', cause, weight: 0, reason, guardrails } };
}

function applyRuling(state: JudgeState, { decision: { decision }, step }: Ruling): JudgeState {
  if (decision === 'ROLL_BACK' || decision === 'PROMOTE') return { ...state, outcome: decision };
  return step === undefined ? state : { ...state, plan: { step, minutes: 0, requests: 0 } };
}

function binsOfRatio(policy: RolloutPolicy, edges: readonly number[]): number {
  const [first, second] = edges;
  const perBin = Math.log((second ?? 1.1) / (first ?? 1));
  // Rounded up: a rise that the bins cannot resolve from the tolerated one is given to the candidate.
  return Math.ceil(Math.log(policy.guardrails.latencyP95.maxRatio) / perBin - 1e-9);
}

function repeatOutcome(outcome: 'ROLL_BACK' | 'PROMOTE'): Decision {
  const weight = outcome === 'PROMOTE' ? 1 : 0;
  const reason = `The rollout has ended with ${outcome}.`;
  return { decision: outcome, cause: 'ALREADY_DECIDED', weight, reason, guardrails: [] };
}

function alreadyJudged(minute: number): Decision {
  const reason = `Minute ${minute} was judged already.`;
  return { decision: 'CONTINUE', cause: 'ALREADY_JUDGED', reason, guardrails: [] };
}
