import { DomainError, NotFoundError } from '../../shared/domain-error.ts';

/** No such logged model in this tenant, or it is deleted. */
export class LoggedModelNotFoundError extends NotFoundError {
  override readonly name = 'LoggedModelNotFoundError';

  constructor(modelId: string) {
    super('logged model', modelId);
    this.message = `Logged model with ID '${modelId}' not found.`;
  }
}

/** The logged model has no such tag. */
export class LoggedModelTagNotFoundError extends NotFoundError {
  override readonly name = 'LoggedModelTagNotFoundError';

  constructor(modelId: string, key: string) {
    super('tag', key);
    const quote = key.includes("'") && !key.includes('"') ? '"' : "'";
    this.message = `No tag with key ${quote}${key}${quote} found for model with ID '${modelId}'.`;
  }
}

/** What MLflow's database refuses as a broken constraint: BAD_REQUEST, in words of ours. */
export class LoggedModelConstraintError extends DomainError {
  override readonly name = 'LoggedModelConstraintError';
  readonly code = 'BAD_REQUEST';
  readonly status = 400;
}

/** The model's item would be larger than the store takes. */
export class LoggedModelTooLargeError extends DomainError {
  override readonly name = 'LoggedModelTooLargeError';
  readonly code = 'INVALID_INPUT';
  readonly status = 400;

  constructor(modelId: string, bytes: number, maxBytes: number) {
    super(
      `Logged model '${modelId}' would take ${bytes} bytes with its params, tags and metrics; at most ${maxBytes} are possible.`,
    );
  }
}
