/** One field of a request that is wrong, addressed by its path (`inputs[0].shape`). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface DomainErrorOptions {
  readonly cause?: unknown;
  /** Facts that are safe to show to the caller. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Base of every refusal the platform makes on purpose.
 *
 * `name` is a literal in each subclass: bundlers rename classes, and Step Functions' Retry and Catch match
 * on it. `code` is part of the API and never changes; `status` is the HTTP status that callers see.
 */
export abstract class DomainError extends Error {
  abstract override readonly name: string;
  abstract readonly code: string;
  abstract readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? {};
  }
}

/** The request itself is wrong; `errors` names each field. */
export class InvalidInputError extends DomainError {
  override readonly name = 'InvalidInputError';
  readonly code = 'INVALID_INPUT';
  readonly status: number = 400;
  readonly errors: readonly FieldError[];

  constructor(message: string, errors: readonly FieldError[] = [], options: DomainErrorOptions = {}) {
    super(message, options);
    this.errors = errors;
  }
}

/** The object is absent, or belongs to another tenant: callers cannot tell which. */
export class NotFoundError extends DomainError {
  override readonly name: string = 'NotFoundError';
  readonly code: string = 'NOT_FOUND';
  readonly status = 404;

  constructor(kind: string, id: string, options: DomainErrorOptions = {}) {
    super(`No ${kind} '${id}'.`, options);
  }
}

/** The name is taken; creation has one winner. */
export class AlreadyExistsError extends DomainError {
  override readonly name: string = 'AlreadyExistsError';
  readonly code: string = 'ALREADY_EXISTS';
  readonly status = 409;

  constructor(kind: string, id: string, options: DomainErrorOptions = {}) {
    super(`A ${kind} '${id}' exists already.`, options);
  }
}

/** The object's present state does not allow this; the message says which state would. */
export class ConflictError extends DomainError {
  override readonly name: string = 'ConflictError';
  readonly code: string = 'CONFLICT';
  readonly status: number = 409;
}

/** Somebody else changed the object between read and write; reading again and retrying is safe. */
export class ConcurrentChangeError extends DomainError {
  override readonly name = 'ConcurrentChangeError';
  readonly code = 'CONCURRENT_CHANGE';
  readonly status: number = 409;
}

/** If-Match named another revision than the stored one. */
export class PreconditionFailedError extends DomainError {
  override readonly name = 'PreconditionFailedError';
  readonly code = 'PRECONDITION_FAILED';
  readonly status = 412;
}

/** The caller is known, and what they ask needs a role they do not have. */
export class ForbiddenError extends DomainError {
  override readonly name = 'ForbiddenError';
  readonly code = 'FORBIDDEN';
  readonly status = 403;
}

/** The request is well formed and breaks a rule of the platform (a gate, a policy, a limit). */
export class RefusedError extends DomainError {
  override readonly name: string = 'RefusedError';
  readonly code: string = 'REFUSED';
  readonly status = 422;
}

/** More than the tenant's share of the API, or of one partition of the store; later the same call goes through. */
export class TooManyRequestsError extends DomainError {
  override readonly name: string = 'TooManyRequestsError';
  readonly code = 'TOO_MANY_REQUESTS';
  readonly status = 429;
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, options: DomainErrorOptions = {}) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
