/** The time ran out before the long work ended. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
}

export interface WaitOptions {
  /** Default 600. */
  readonly timeoutSeconds?: number;
  /** Default 1. */
  readonly intervalSeconds?: number;
  readonly onPoll?: (value: unknown) => void;
}

/** Reads a resource until it is done; WaitTimeoutError tells the last status. */
export async function waitUntil<T>(
  read: () => Promise<T>,
  isDone: (value: T) => boolean,
  { timeoutSeconds = 600, intervalSeconds = 1, onPoll }: WaitOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const value = await read();
    onPoll?.(value);
    if (isDone(value)) return value;
    if (Date.now() > deadline) {
      const { status = 'unfinished' } = value as { readonly status?: string };
      throw new WaitTimeoutError(`Still ${status} after ${timeoutSeconds} s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalSeconds * 1000));
  }
}
