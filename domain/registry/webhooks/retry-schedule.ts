/** Seconds from one attempt to the next: eight attempts within three and a half hours. */
const DELAYS_SECONDS = [2, 10, 60, 300, 900, 3600, 7200];
/** A receiver may ask for more patience, but not for a delivery that never ends. */
const MOST_SECONDS = 7200;
/** Webhooks that failed together come back apart. */
const JITTER = 0.25;

/**
 * Milliseconds until the next attempt; undefined when there were enough.
 *
 * @param random from 0 to 1
 */
export function delayBeforeNext(
  attemptsMade: number,
  random: number,
  retryAfterSeconds = 0,
): number | undefined {
  const seconds = DELAYS_SECONDS[attemptsMade - 1];
  if (seconds === undefined) return undefined;
  const asked = Math.min(retryAfterSeconds, MOST_SECONDS);
  return Math.ceil(1000 * Math.max(seconds * (1 + JITTER * random), asked));
}

/** What may pass by itself, as MLflow's client retries it: too many requests, and failures of the receiver. */
export function mayPass(status: number): boolean {
  return status === 429 || status >= 500;
}
