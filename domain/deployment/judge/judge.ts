import { LATENCY_EDGES_MS, UNIT_SCORE_RANGE } from '../../shared/observation.ts';
import { startCollapseGuard, watchCollapse } from './guard-collapse.ts';
import { startErrorGuard, watchErrors } from './guard-errors.ts';
import { startLatencyGuard, watchLatency } from './guard-latency.ts';
import { startQualityGuard, watchQuality } from './guard-quality.ts';
import { startScoreGuard, watchScores } from './guard-score.ts';
import { familyEvidence, openDoubts, reportGuardrails } from './guardrails.ts';
import type { Decision, GuardrailReport, JudgeContext, JudgeState, JudgeTick } from './judge-state.ts';
import type { RolloutPolicy } from './policy.ts';
import { explainHarm, explainHold, explainPromotion, explainSilence } from './reasons.ts';
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
  const decision = decide(watched, tick);
  return { state: applyDecision(watched, decision), decision };
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
    errors: watchErrors(state.errors, candidate, incumbent, guardrails.errorRate, maxMinutes),
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

function decide(state: JudgeState, tick: JudgeTick): Decision {
  const { policy, silence } = state;
  const guardrails = reportGuardrails(state);
  const evidence = familyEvidence(guardrails);
  const elapsed = tick.minute - (state.startMinute ?? tick.minute);
  if (evidence >= 1 / policy.alpha) {
    return { decision: 'ROLL_BACK', cause: 'HARM', weight: 0, reason: explainHarm(guardrails), guardrails };
  }
  if (elapsed >= policy.maxMinutes) {
    const reason = `TIMEOUT: undecided after ${policy.maxMinutes} minutes, so the incumbent keeps serving.`;
    return { decision: 'ROLL_BACK', cause: 'TIMEOUT', weight: 0, reason, guardrails };
  }
  if (isSilent(silence, policy)) {
    const tooLong = wasSilentTooLong(silence, policy);
    const reason = explainSilence(silence, tooLong);
    return tooLong
      ? { decision: 'ROLL_BACK', cause: 'NO_DATA', weight: 0, reason, guardrails }
      : { decision: 'PAUSE', cause: 'NO_DATA', reason, guardrails };
  }
  return followPlan(state, guardrails, evidence);
}

function followPlan(state: JudgeState, guardrails: readonly GuardrailReport[], evidence: number): Decision {
  const { policy, plan, silence } = state;
  const doubts = openDoubts(guardrails);
  const suspicion = evidence >= (1 / policy.alpha) ** SUSPICION_POWER;
  const move = nextMove(policy, plan, { doubt: doubts.length > 0, suspicion });
  if (move.kind === 'finish' && silence.minutes === 0) {
    const reason = explainPromotion(guardrails);
    return { decision: 'PROMOTE', cause: 'EVIDENCE_OF_NO_HARM', weight: 1, reason, guardrails };
  }
  if (move.kind === 'advance') {
    const reason = `Step ${plan.step + 1} is complete without harm; the candidate's share rises to ${move.weight}.`;
    return { decision: 'CONTINUE', cause: 'STEP_ADVANCED', weight: move.weight, reason, guardrails };
  }
  const weight = Math.min(1, plannedWeight(policy, plan.step));
  const cause = move.kind === 'hold' && move.why === 'doubt' ? 'DOUBT_REMAINS' : 'STEP_HELD';
  const reason = explainHold(move.kind === 'hold' ? move.why : 'requests', state, doubts);
  return { decision: 'CONTINUE', cause, weight, reason, guardrails };
}

function applyDecision(state: JudgeState, { decision, cause }: Decision): JudgeState {
  if (decision === 'ROLL_BACK' || decision === 'PROMOTE') return { ...state, outcome: decision };
  if (cause !== 'STEP_ADVANCED') return state;
  return { ...state, plan: { step: state.plan.step + 1, minutes: 0, requests: 0 } };
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
