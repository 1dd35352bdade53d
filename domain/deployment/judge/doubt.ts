/**
 * Chance per minute that a good candidate turns bad, as the doubt sees it. It keeps the odds from sinking so
 * low over a good half hour that a late defect would have to climb for as long again.
 */
const HAZARD_PER_MINUTE = 1e-4;

/** Bounds that keep stored odds finite and away from zero; far beyond every decision. */
const SMALLEST = 1e-30;
const LARGEST = 1e30;

/** Normal quantile of 1 %: a candidate with the excluded harm is promoted this rarely. */
const ONE_PERCENT = 2.33;

/** Normal quantile of 0.5 %: a good candidate with ample samples is held back this rarely. */
const HALF_PERCENT = 2.58;

/** Where little is known the odds must speak clearly: 1 to 13. */
const LN_CLEAR_ODDS = -2.55;

/** Below this information (nats) the normal approximation of the odds is not relied on. */
const LITTLE_INFORMATION = 4;

/** With ample samples little information means that the event is rare: then half of that must do. */
const LITTLE_INFORMATION_OF_MANY = 2;

/** However much is known, a promotion against odds of 3 to 1 is none (a late defect climbs through here). */
const LN_LARGEST_LIMIT = 1.1;

/**
 * What is left of the suspicion that the candidate does the harm which promotion must exclude: odds against
 * "no harm" (1 at the start), and the information behind them, which is what the log odds would have lost on
 * average under "no harm".
 */
export type Doubt = readonly [odds: number, information: number];

export const FULL_DOUBT: Doubt = [1, 0];

/** One minute more (Shiryaev's recursion: odds of harm that began in this or an earlier minute). */
export function addDoubt([odds, information]: Doubt, lnRatio: number, gained: number): Doubt {
  const next = (odds + HAZARD_PER_MINUTE) * Math.exp(lnRatio);
  return [Math.min(LARGEST, Math.max(SMALLEST, next)), information + gained];
}

/**
 * Odds up to which promotion is allowed. Log odds have mean +I and variance 2I under the excluded harm, mean -I
 * and the same variance under none, so a limit of I - 2.33·√(2I) lets 1 % of harmful candidates pass. A candidate
 * with ample samples is held back only when its odds are also unusual for a good one.
 */
export function doubtLimit(information: number, hasAmpleSamples: boolean): number {
  const least = hasAmpleSamples ? LITTLE_INFORMATION_OF_MANY : LITTLE_INFORMATION;
  if (information < least) return Math.exp(LN_CLEAR_ODDS);
  const spread = Math.sqrt(2 * information);
  const harmful = Math.min(LN_LARGEST_LIMIT, information - ONE_PERCENT * spread);
  return Math.exp(hasAmpleSamples ? Math.max(harmful, HALF_PERCENT * spread - information) : harmful);
}
