import { setTimeout as delay } from 'node:timers/promises';
import { TourPromiseError } from './step-log.ts';

export interface WaitForOptions {
  readonly timeoutSeconds: number;
  /** Default 1. */
  readonly intervalSeconds?: number;
}

/** Asks until there is an answer. @throws TourPromiseError that says what did not come */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { timeoutSeconds, intervalSeconds = 1 }: WaitForOptions,
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new TourPromiseError(`${what} did not come in ${timeoutSeconds} s.`);
    await delay(intervalSeconds * 1000);
  }
}
