import { DomainError } from '../../shared/domain-error.ts';
import { InvalidParameterError } from '../errors.ts';

/** The longest that clouds sign an address for: seven days. */
const MAX_SECONDS = 604_800;
const PROXIED = /^(https?|mlflow-artifacts):/;

/** MLflow's answer for storage that its server cannot sign addresses of. */
class PresigningNotSupportedError extends DomainError {
  override readonly name = 'PresigningNotSupportedError';
  readonly code = 'NOT_IMPLEMENTED';
  readonly status = 501;
}

/** @throws InvalidParameterError unless exactly one of run and model is named */
export function checkOneOwner(owner: { readonly run_id?: unknown; readonly model_id?: unknown }): void {
  if (Boolean(owner.run_id) !== Boolean(owner.model_id)) return;
  throw new InvalidParameterError('Exactly one of run_id and model_id must be provided.');
}

/** @throws InvalidParameterError for a time that no cloud would sign */
export function checkExpiration(seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= 1 && seconds <= MAX_SECONDS)) return;
  throw new InvalidParameterError(
    `expiration must be between 1 and ${MAX_SECONDS} seconds (got ${seconds}).`,
  );
}

/**
 * Refuses, as MLflow does, to sign addresses next to its artifact proxy, which has calls of its own for that
 * (`mpu/create`, `presigned`), or of storage that is not this installation's.
 */
export function refusePresignedUpload(artifactUri: string): never {
  throw refuse('upload', 'proxied artifact storage', ' This endpoint requires a direct', artifactUri);
}

/** The same for downloads, in MLflow's words for these. */
export function refusePresignedDownload(artifactUri: string): never {
  const needed = ' This endpoint requires a run with a direct';
  throw refuse('download', 'runs with proxied artifact storage', needed, artifactUri);
}

function refuse(what: 'upload' | 'download', storage: string, needed: string, artifactUri: string): Error {
  const scheme = PROXIED.exec(artifactUri)?.[1];
  if (scheme === undefined) {
    const message = `Presigned ${what} is not supported for the current artifact repository`;
    return new PresigningNotSupportedError(message);
  }
  return new InvalidParameterError(
    `Presigned ${what} is not supported for ${storage} (artifact URI scheme: ${scheme}).` +
      `${needed} cloud storage artifact URI.`,
  );
}
