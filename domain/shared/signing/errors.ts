import { DomainError } from '../domain-error.ts';

/** The bundle is not one, none of the trusted keys made it, or it does not cover the files as they are. */
export class SignatureRefusedError extends DomainError {
  override readonly name = 'SignatureRefusedError';
  readonly code = 'SIGNATURE_REFUSED';
  readonly status = 422;
}
