import { DomainError, NotFoundError, TooManyRequestsError } from '../shared/domain-error.ts';

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

/** A run with everything that search shows of it has a bound: it is read and written as one. */
export class RunTooLargeError extends DomainError {
  override readonly name = 'RunTooLargeError';
  readonly code = 'INVALID_INPUT';
  readonly status = 400;

  constructor(bytes: number) {
    super(
      `The run would have ${Math.ceil(bytes / 1_000_000)} MB of params, tags and metric names, compressed; it may have 3.9. ` +
        'Log long texts as artifacts, and part the rest over child runs.',
    );
  }
}

/** A dataset's schema and profile have a bound. */
export class DatasetTooLargeError extends DomainError {
  override readonly name = 'DatasetTooLargeError';
  readonly code = 'INVALID_INPUT';
  readonly status = 400;

  constructor(name: string, bytes: number) {
    super(
      `Schema and profile of the dataset '${name}' have ${Math.ceil(bytes / 1000)} KB, compressed; they may have 380. ` +
        'Log a shorter profile, or the whole one as an artifact.',
    );
  }
}

/** DynamoDB refused a write for the heat of the partition; the experiment's new runs are spread over more. */
export class HotExperimentError extends TooManyRequestsError {
  override readonly name = 'HotExperimentError';

  constructor(experimentId: string, options: { readonly cause?: unknown } = {}) {
    super(
      `Experiment ${experimentId} takes more writes a second than its partitions can; try again.`,
      2,
      options,
    );
  }
}

/** An order over more runs than one request can read. */
export class TooManyRunsToOrderError extends DomainError {
  override readonly name = 'TooManyRunsToOrderError';
  readonly code = 'INVALID_INPUT';
  readonly status = 400;

  constructor(most: number) {
    super(
      `An order_by reads all runs of the experiments, and these have more than ${most}. Search fewer experiments at a time, or leave order_by out: the newest runs come first.`,
    );
  }
}
