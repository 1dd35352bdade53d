/** Bounds that keep stored evidence finite and away from zero; far beyond every decision. */
const SMALLEST = 1e-30;
const LARGEST = 1e30;

/** Most of the stake is on harm from the start, the rest on harm that begins in any later minute. */
export const STAKE_AT_START = 0.9;

/** Stakes on each alternative before any data: they add up to `STAKE_AT_START`. */
export function startEvidence(stakes: readonly number[]): number[] {
  return stakes.map((stake) => STAKE_AT_START * stake);
}

/**
 * One minute of a mixture of test martingales over alternatives and over the minute in which harm began:
 * S ← (S + new stake) · likelihood ratio. Stakes sum to at most 1 over the rollout, so by Ville's inequality
 * the sum exceeds 1/α with probability ≤ α for a candidate inside its tolerances, whenever one looks.
 */
export function addEvidence(
  evidence: readonly number[],
  stakes: readonly number[],
  lnRatios: readonly number[],
  maxMinutes: number,
): number[] {
  const share = (1 - STAKE_AT_START) / maxMinutes;
  return evidence.map((value, k) => bounded((value + share * stakes[k]!) * Math.exp(lnRatios[k]!)));
}

/** The mixture's value: the evidence of harm. */
export function totalEvidence(evidence: readonly number[]): number {
  let total = 0;
  for (const value of evidence) total += value;
  return total;
}

function bounded(value: number): number {
  return Math.min(LARGEST, Math.max(SMALLEST, value));
}
