import { PerennialApiError, PerennialConnectionError } from '../sdk/index.ts';

/** The user's mistake: wrong flags, a missing file, a file that was refused. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command worked, and what it found is negative: a rollback, drift, a refused gate. */
export class NegativeVerdict extends Error {
  override readonly name = 'NegativeVerdict';
}

export const EXIT = { done: 0, ourFault: 1, usersMistake: 2, negativeVerdict: 3 } as const;

/** contract.md: 1 is our fault, 2 the user's mistake, 3 a negative verdict. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof NegativeVerdict) return EXIT.negativeVerdict;
  if (error instanceof UsageError) return EXIT.usersMistake;
  if (error instanceof PerennialApiError && error.isCallersFault) return EXIT.usersMistake;
  return EXIT.ourFault;
}

/** An error as `--json` prints it on stderr. */
export function toErrorJson(error: unknown): Record<string, unknown> {
  if (error instanceof PerennialApiError) {
    const { code, message, status, requestId, errors } = error;
    return { code, message, status, requestId, errors };
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { code: name, message };
}

/** An error as a person reads it: what is wrong, each field, and the request id when it is our fault. */
export function toErrorText(error: unknown): string {
  if (error instanceof PerennialConnectionError || !(error instanceof PerennialApiError)) {
    return error instanceof Error ? error.message : String(error);
  }
  const fields = error.errors.map(({ path, message }) => `  ${path}: ${message}`);
  const request =
    error.isCallersFault || error.requestId === undefined ? [] : [`  request ${error.requestId}`];
  return [error.message, ...fields, ...request].join('\n');
}
