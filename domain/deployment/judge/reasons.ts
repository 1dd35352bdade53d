import { worstGuardrail } from './guardrails.ts';
import type { GuardrailName, GuardrailReport, JudgeState, SilenceState } from './judge-state.ts';

const MEASURES: Readonly<Record<GuardrailName, string>> = {
  errorRate: 'share of failed requests',
  latencyP95: "share of requests above the incumbent's 95th percentile (plus tolerance)",
  scoreShift: 'mean prediction',
  constantAnswers: 'share of predictions in one bin',
  quality: 'mean error against the labels',
};

/** Why the candidate is rolled back, for a person. */
export function explainHarm(guardrails: readonly GuardrailReport[]): string {
  const worst = worstGuardrail(guardrails);
  return `HARM (${worst.name}): ${compare(worst)}; evidence ${round(worst.statistic)} against the boundary ${round(worst.boundary)}.`;
}

/** Why an undecided rollout ends. */
export function explainTimeout(maxMinutes: number): string {
  return `TIMEOUT: undecided after ${maxMinutes} minutes, so the incumbent keeps serving.`;
}

/** Why the share rises. */
export function explainAdvance(step: number, weight: number): string {
  return `Step ${step + 1} is complete without harm; the candidate's share becomes ${weight}.`;
}

/** Why the candidate gets all the traffic. */
export function explainPromotion(guardrails: readonly GuardrailReport[]): string {
  return `All steps are complete and no guardrail leaves doubt (${guardrails.map((report) => report.name).join(', ')}).`;
}

/** Why the weight stays. */
export function explainHold(
  why: 'minutes' | 'requests' | 'doubt' | 'suspicion',
  { plan, policy }: JudgeState,
  doubts: readonly GuardrailReport[],
): string {
  if (why === 'minutes') return `Step ${plan.step + 1}: minute ${plan.minutes} of ${policy.stepMinutes}.`;
  if (why === 'requests') {
    return `Step ${plan.step + 1}: ${plan.requests} of ${policy.minRequestsPerStep} candidate requests.`;
  }
  if (why === 'suspicion') return 'Evidence of harm is growing; the share is not raised.';
  return `Not enough evidence yet to exclude harm: ${doubts.map(explainDoubt).join('; ')}.`;
}

/** What silence means for the rollout. */
export function explainSilence({ minutes, incumbentRequests }: SilenceState, ended: boolean): string {
  const who =
    incumbentRequests === 0
      ? 'neither version was called'
      : `the candidate was not called (the incumbent ${incumbentRequests} times)`;
  const end = ended ? '; the incumbent keeps serving' : '; paused until there is data';
  return `NO_DATA: ${who} for ${minutes} minutes${end}.`;
}

function explainDoubt({ name, samples, need, doubt, doubtLimit }: GuardrailReport): string {
  if (need !== undefined && samples < need) return `${name} has ${samples} of ${need} labels`;
  return `${name} (odds of harm ${round(doubt)}, limit ${doubtLimit}, ${samples} samples)`;
}

function compare({ name, candidate, incumbent, samples }: GuardrailReport): string {
  const values = `candidate ${show(candidate)}, incumbent ${show(incumbent)}`;
  return `${MEASURES[name]}: ${values}, ${samples} candidate samples`;
}

function show(value: number | null): string {
  return value === null ? 'none' : String(round(value));
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
