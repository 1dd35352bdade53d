import { DomainError, type FieldError } from '../shared/domain-error.ts';

/** The caller is not known: the request reached the endpoint without a verified token. */
export class UnauthenticatedError extends DomainError {
  override readonly name = 'UnauthenticatedError';
  readonly code = 'UNAUTHENTICATED';
  readonly status = 401;
}

/** The path exists, with another method. */
export class MethodNotAllowedError extends DomainError {
  override readonly name = 'MethodNotAllowedError';
  readonly code = 'METHOD_NOT_ALLOWED';
  readonly status = 405;
}

/** The body is larger than an endpoint takes, or would make an answer larger than Lambda can give. */
export class PayloadTooLargeError extends DomainError {
  override readonly name = 'PayloadTooLargeError';
  readonly code = 'PAYLOAD_TOO_LARGE';
  readonly status = 413;
}

/** The body is neither JSON nor CSV in UTF-8. */
export class UnsupportedMediaTypeError extends DomainError {
  override readonly name = 'UnsupportedMediaTypeError';
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';
  readonly status = 415;
}

/** The model itself failed on valid input; what it said stays in the log, out of the answer. */
export class InferenceFailedError extends DomainError {
  override readonly name = 'InferenceFailedError';
  readonly code = 'INFERENCE_FAILED';
  readonly status = 500;
}

/** The signature and the graph do not fit together, so that no request could be answered. */
export class SignatureMismatchError extends DomainError {
  override readonly name = 'SignatureMismatchError';
  readonly code = 'SIGNATURE_MISMATCH';
  readonly status = 422;
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(`The signature does not fit the model: ${errors.map((error) => error.message).join('; ')}.`);
    this.errors = errors;
  }
}
