import { ConflictError, DomainError, RefusedError } from '../shared/domain-error.ts';

/** An endpoint takes one rollout at a time. */
export class RolloutRunningError extends DomainError {
  override readonly name = 'RolloutRunningError';
  readonly code = 'ROLLOUT_RUNNING';
  readonly status = 409;

  constructor(endpoint: string, rollout: string | undefined) {
    super(
      `The endpoint '${endpoint}' has a rollout under way${rollout === undefined ? '' : ` (${rollout})`}; ` +
        'wait for its end, or abort it.',
      { details: { endpoint, ...(rollout === undefined ? {} : { rollout }) } },
    );
  }
}

/** The version exists and may not be served (not ready, refused, or not approved). */
export class VersionNotServableError extends RefusedError {
  override readonly name = 'VersionNotServableError';
  override readonly code = 'VERSION_NOT_SERVABLE';
}

/** The strategy is part of the contract and not built yet. */
export class StrategyNotSupportedError extends RefusedError {
  override readonly name = 'StrategyNotSupportedError';
  override readonly code = 'STRATEGY_NOT_SUPPORTED';

  constructor(strategy: string, supported: readonly string[]) {
    super(`The strategy '${strategy}' is not supported yet; these are: ${supported.join(', ')}.`);
  }
}

/** The endpoint's or rollout's present state does not allow this. */
export class DeploymentStateError extends ConflictError {
  override readonly name = 'DeploymentStateError';
  override readonly code = 'WRONG_STATE';
}

/** AWS still works on the function or its role; the workflow repeats the step. */
export class FunctionNotReadyError extends DomainError {
  override readonly name = 'FunctionNotReadyError';
  readonly code = 'FUNCTION_NOT_READY';
  readonly status = 503;
}

/** The candidate did not answer its own example as it should: it gets no traffic. */
export class CandidateRefusedError extends DomainError {
  override readonly name = 'CandidateRefusedError';
  readonly code = 'CANDIDATE_REFUSED';
  readonly status = 422;
}

/** The tenant's freeze calendar forbids changes now; going back is always allowed. */
export class RolloutFrozenError extends ConflictError {
  override readonly name = 'RolloutFrozenError';
  override readonly code = 'CHANGE_FREEZE';

  constructor({ from, to, reason }: { readonly from: string; readonly to: string; readonly reason: string }) {
    super(`Changes are frozen until ${to}: ${reason}. A rollback is allowed, and so is an abort.`, {
      details: { from, to, reason },
    });
  }
}
