/** What Step Functions tells a Catch: the error's name, and as cause the JSON that Lambda answered. */
export interface StateFailure {
  readonly Error?: string | undefined;
  readonly Cause?: string | undefined;
}

const LONGEST_REASON = 1000;

/** A failed state as a rollout's reason: our own refusals in their words, the rest with the error's name. */
export function explainFailure({ Error: name = 'Unknown', Cause = '' }: StateFailure): string {
  const message = readMessage(Cause);
  const isOurs = /^[A-Z]\w+Error$/.test(name) && message !== '';
  const reason = isOurs ? message : `${name}${message === '' ? '' : `: ${message}`}`;
  return reason.slice(0, LONGEST_REASON);
}

function readMessage(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { readonly errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : '';
  } catch {
    // States' own errors (a timeout, a throttled call) have a sentence as their cause.
    return cause;
  }
}
