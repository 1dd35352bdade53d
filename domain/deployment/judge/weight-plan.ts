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
  | { readonly kind: 'advance'; readonly weight: number }
  | { readonly kind: 'finish' };

/** What the plan wants after this minute, given what the guardrails leave open. */
export function nextMove(
  policy: RolloutPolicy,
  plan: PlanState,
  open: { readonly doubt: boolean; readonly suspicion: boolean },
): PlanMove {
  if (plan.minutes < policy.stepMinutes) return { kind: 'hold', why: 'minutes' };
  if (plan.requests < policy.minRequestsPerStep) return { kind: 'hold', why: 'requests' };
  if (open.suspicion) return { kind: 'hold', why: 'suspicion' };
  const weight = plannedWeight(policy, plan.step + 1);
  if (open.doubt && weight > MOST_INFORMATIVE_WEIGHT) return { kind: 'hold', why: 'doubt' };
  return weight >= 1 ? { kind: 'finish' } : { kind: 'advance', weight };
}
