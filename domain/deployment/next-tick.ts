const MINUTE_SECONDS = 60;

/** A tick that comes a moment early would find nothing and wait for another minute. */
const MARGIN_SECONDS = 1;

/**
 * Whole seconds until the next minute has fully arrived and can be judged.
 *
 * @param lagSeconds how long after a minute its last captured line may arrive
 */
export function secondsToNextTick(nowMs: number, lagSeconds: number): number {
  const sinceArrival = (((nowMs / 1000 - lagSeconds) % MINUTE_SECONDS) + MINUTE_SECONDS) % MINUTE_SECONDS;
  return Math.ceil(MINUTE_SECONDS - sinceArrival) + MARGIN_SECONDS;
}
