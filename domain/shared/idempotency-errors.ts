import { DomainError } from './domain-error.ts';

/** The same Idempotency-Key came before with another request. */
export class IdempotencyKeyReusedError extends DomainError {
  override readonly name = 'IdempotencyKeyReusedError';
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  readonly status = 422;

  constructor() {
    super('This Idempotency-Key was used for another request within the last 24 hours; use a new one.');
  }
}

/** The first request with this Idempotency-Key has not ended yet. */
export class RequestRunningError extends DomainError {
  override readonly name = 'RequestRunningError';
  readonly code = 'REQUEST_RUNNING';
  readonly status = 409;

  constructor() {
    super('The first request with this Idempotency-Key is still running; ask again in a moment.');
  }
}
