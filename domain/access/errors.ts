import { DomainError } from '../shared/domain-error.ts';

/** No token, or one that is unknown, expired or revoked. */
export class UnauthenticatedError extends DomainError {
  override readonly name = 'UnauthenticatedError';
  readonly code = 'UNAUTHENTICATED';
  readonly status = 401;

  constructor() {
    super('This needs a valid token: Authorization: Bearer TOKEN.');
  }
}
