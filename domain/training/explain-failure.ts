/** What Step Functions tells a Catch: the error's name, and as cause the JSON that Lambda answered. */
export interface StateFailure {
  readonly Error?: string | undefined;
  readonly Cause?: string | undefined;
}

export interface ExplainedFailure {
  readonly reason: string;
  /** One sentence for each finding, when rows were refused. */
  readonly reasons: readonly string[];
}

const LONGEST_REASON = 2000;

/** Ends of a process that people meet, by the name that Step Functions gives them. */
const KNOWN: Readonly<Record<string, string>> = {
  'Sandbox.Timedout': 'it took longer than its function may',
  'States.Timeout': 'it took longer than the step may',
  'Runtime.OutOfMemory': 'it needed more memory than its function has',
  'Runtime.ExitError': 'its process died, which mostly means that memory ran out',
};

/** A failed state as an execution's reason: our own refusals in their words, the rest with step and error. */
export function explainFailure(
  step: string,
  { Error: name = 'Unknown', Cause = '' }: StateFailure,
): ExplainedFailure {
  const message = readMessage(Cause);
  if (name === 'DatasetRefusedError') {
    const [summary = message, ...reasons] = message.split('\n');
    return { reason: [summary, ...reasons].join(' ').slice(0, LONGEST_REASON), reasons };
  }
  const isOurs =
    /^[A-Z]\w+Error$/.test(name) && !/^(Type|Range|Reference|Syntax)Error$/.test(name) && message !== '';
  const why = KNOWN[name] ?? (isOurs ? message : `${name}${message === '' ? '' : `: ${message}`}`);
  return { reason: `${step}: ${why}`.slice(0, LONGEST_REASON), reasons: [] };
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
