import { ConflictError, DomainError, NotFoundError, RefusedError } from '../shared/domain-error.ts';

export class ModelNotFoundError extends NotFoundError {
  override readonly name = 'ModelNotFoundError';

  constructor(model: string) {
    super('model', model);
  }
}

/** No version under this number, label or alias. */
export class ModelVersionNotFoundError extends NotFoundError {
  override readonly name = 'ModelVersionNotFoundError';

  constructor(model: string, version: string | number) {
    super(`version of model '${model}'`, String(version));
  }
}

/** The upload is unknown, belongs to another model, or its time is over. */
export class UploadNotFoundError extends NotFoundError {
  override readonly name = 'UploadNotFoundError';

  constructor(upload: string) {
    super('upload', upload);
  }
}

/** In the words of MLflow, whose clients compare them. */
export class WebhookNotFoundError extends DomainError {
  override readonly name = 'WebhookNotFoundError';
  readonly code = 'NOT_FOUND';
  readonly status = 404;

  constructor(webhook: string) {
    super(`Webhook with ID ${webhook} not found.`);
  }
}

/** The version is still being checked, was refused, or holds nothing that can be served. */
export class ModelVersionNotServableError extends ConflictError {
  override readonly name = 'ModelVersionNotServableError';
  override readonly code = 'MODEL_VERSION_NOT_SERVABLE';
}

/** The model's policy asks for an approval that this version does not have. */
export class ApprovalMissingError extends RefusedError {
  override readonly name = 'ApprovalMissingError';
  override readonly code = 'APPROVAL_MISSING';
}

/** The model's policy lets nobody decide on their own work. */
export class OwnWorkError extends DomainError {
  override readonly name = 'OwnWorkError';
  readonly code = 'OWN_WORK';
  readonly status = 403;

  constructor(model: string, version: number, subject = `Version ${version} of '${model}'`) {
    super(
      `${subject} is your own work; the model's policy asks for somebody else's decision ` +
        '(approval.allowOwnWork is false).',
    );
  }
}

/** A gate of the model's policy does not hold for the version's metrics. */
export class GateNotPassedError extends RefusedError {
  override readonly name = 'GateNotPassedError';
  override readonly code = 'GATE_NOT_PASSED';
}

/** The version or model is in use in a way that forbids the change. */
export class InUseError extends ConflictError {
  override readonly name = 'InUseError';
  override readonly code = 'IN_USE';
}
