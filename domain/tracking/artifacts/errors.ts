import { DomainError, NotFoundError } from '../../shared/domain-error.ts';

/** No such file, in MLflow's words. */
export class ArtifactNotFoundError extends NotFoundError {
  override readonly name = 'ArtifactNotFoundError';

  constructor(path: string) {
    super('artifact', path);
    this.message = `No such artifact: '${path}'`;
  }
}

/** The upload was completed, aborted or cleaned away. */
export class UploadNotFoundError extends NotFoundError {
  override readonly name = 'UploadNotFoundError';

  constructor(uploadId: string) {
    super('multipart upload', uploadId);
    this.message = `There is no multipart upload with id '${uploadId}'; it was completed, aborted or has expired.`;
  }
}

/** More than passes a function; the message says what the client has to set. */
export class ArtifactTooLargeError extends DomainError {
  override readonly name = 'ArtifactTooLargeError';
  /** MLflow's own code for a too large artifact; it has none that stands for 413. */
  readonly code = 'INVALID_PARAMETER_VALUE';
  readonly status = 413;
}

/** MLflow's refusal of a call that names no file. */
export class MissingQueryError extends DomainError {
  override readonly name = 'MissingQueryError';
  readonly code = 'BAD_REQUEST';
  readonly status = 400;

  constructor(parameter: string) {
    super(`Request must include the "${parameter}" query parameter.`);
  }
}
