import type { FieldError } from '../domain/shared/domain-error.ts';

/** An answer of the API that is not a success; `code` is stable, see docs/architecture.md, "Errors". */
export class PerennialApiError extends Error {
  override readonly name = 'PerennialApiError';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly errors: readonly FieldError[];

  constructor(status: number, problem: ProblemBody) {
    super(problem.detail ?? problem.message ?? `The API answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? problem.error_code ?? `HTTP_${status}`;
    this.requestId = problem.requestId;
    this.errors = problem.errors ?? [];
  }

  /** Whether the caller's input or state is at fault (4xx), not the platform. */
  get isCallersFault(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 429;
  }
}

/** The API could not be reached at all. */
export class PerennialConnectionError extends Error {
  override readonly name = 'PerennialConnectionError';
}

/** problem+json, MLflow's error form, or the gateway's `{"message"}`. */
export interface ProblemBody {
  readonly detail?: string;
  readonly message?: string;
  readonly code?: string;
  readonly error_code?: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldError[];
}
