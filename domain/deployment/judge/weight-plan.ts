import type { PlanState } from './judge-state.ts';
import type { RolloutPolicy } from './policy.ts';

/**
 * Two equal arms tell most per request (the information is proportional to w·(1-w)), so the plan does not go
 * beyond this while a doubt remains.
 */
const MOST_INFORMATIVE_WEIGHT = 0.5;

/** Sums of weights in binary fractions would otherwise read 0.30000000000000004. */
const WEIGHT_DIGITS = 1e9;

export function startPlan(): PlanState {
  return { step: 0, minutes: 0, requests: 0 };
}

/** The candidate's share in a step of the plan; may reach or exceed 1 one step after the last. */
export function plannedWeight(policy: RolloutPolicy, step: number): number {
  return Math.round((policy.firstWeight + step * policy.weightStep) * WEIGHT_DIGITS) / WEIGHT_DIGITS;
}

export type PlanMove =
  | { readonly kind: 'hold'; readonly why: 'minutes' | 'requests' | 'doubt' | 'suspicion' }
  | { readonly kind: 'advance'; readonly step: number; readonly weight: number }
  | { readonly kind: 'finish' };

/** Minutes that the whole plan takes when every step is done in its shortest time. */
export function plannedMinutes(policy: RolloutPolicy): number {
  const steps = Math.ceil((1 - policy.firstWeight) / policy.weightStep - 1 / WEIGHT_DIGITS);
  return Math.max(1, steps) * policy.stepMinutes;
}

/** What is known when the plan is asked for its next move. */
export interface PlanView {
  /** Minutes since the rollout began, this one included. */
  readonly minutes: number;
  readonly doubt: boolean;
  readonly suspicion: boolean;
}

/**
 * What the plan wants after this minute. When waiting for samples or evidence took longer than the whole plan,
 * a candidate that carries half the traffic without doubt has no further step to prove.
 */
export function nextMove(policy: RolloutPolicy, plan: PlanState, view: PlanView): PlanMove {
  if (plan.minutes < policy.stepMinutes) return { kind: 'hold', why: 'minutes' };
  if (plan.requests < policy.minRequestsPerStep) return { kind: 'hold', why: 'requests' };
  if (view.suspicion) return { kind: 'hold', why: 'suspicion' };
  const step = nextStep(policy, plan.step, view.minutes);
  const weight = plannedWeight(policy, step);
  if (view.doubt && weight > MOST_INFORMATIVE_WEIGHT) return { kind: 'hold', why: 'doubt' };
  if (weight >= 1) return { kind: 'finish' };
  const isLate = view.minutes >= plannedMinutes(policy);
  const carriesHalf = plannedWeight(policy, plan.step) >= MOST_INFORMATIVE_WEIGHT;
  return isLate && carriesHalf && !view.doubt ? { kind: 'finish' } : { kind: 'advance', step, weight };
}

/**
 * The next step; or, after a step that had to wait for its samples, the step that the plan's time has reached,
 * as long as that does not lead beyond equal arms.
 */
function nextStep(policy: RolloutPolicy, step: number, minutes: number): number {
  const reached = Math.floor(minutes / policy.stepMinutes);
  let next = step + 1;
  while (next < reached && plannedWeight(policy, next + 1) <= MOST_INFORMATIVE_WEIGHT) next += 1;
  return next;
}
