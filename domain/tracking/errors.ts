import { DomainError, NotFoundError } from '../shared/domain-error.ts';

/** No such run in this tenant. */
export class RunNotFoundError extends NotFoundError {
  override readonly name = 'RunNotFoundError';

  constructor(runId: string) {
    super('run', runId);
    this.message = `Run with id=${runId} not found`;
  }
}

/** No such experiment in this tenant. */
export class ExperimentNotFoundError extends NotFoundError {
  override readonly name = 'ExperimentNotFoundError';

  constructor(experimentId: string) {
    super('experiment', experimentId);
    this.message = `No Experiment with id=${experimentId} exists`;
  }
}

/** MLflow's INVALID_PARAMETER_VALUE with MLflow's own words. */
export class InvalidParameterError extends DomainError {
  override readonly name = 'InvalidParameterError';
  readonly code = 'INVALID_INPUT';
  readonly status = 400;
}
