/** Something of this machine stands in the way; the message says what it is and what to do about it. */
export class LocalCloudError extends Error {
  override readonly name = 'LocalCloudError';
  /** Lines that help to find the cause, such as the end of a log. */
  readonly evidence: string | undefined;

  constructor(message: string, options: { cause?: unknown; evidence?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.evidence = options.evidence;
  }
}
