import { DomainError } from '../shared/domain-error.ts';

/** The files are no table: broken, of different shapes, or empty. The message says which and what to do. */
export class UnreadableRowsError extends DomainError {
  override readonly name = 'UnreadableRowsError';
  readonly code = 'UNREADABLE_ROWS';
  readonly status = 422;
}
