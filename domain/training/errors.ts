import { ConflictError, RefusedError } from '../shared/domain-error.ts';

/** The rows of a dataset version must not be trained on; the message names each reason. */
export class DatasetRefusedError extends RefusedError {
  override readonly name = 'DatasetRefusedError';
  override readonly code = 'DATASET_REFUSED';
  readonly reasons: readonly string[];

  constructor(message: string, reasons: readonly string[]) {
    super(message, { details: { reasons } });
    this.reasons = reasons;
  }
}

/** The execution has ended: whatever still runs for it has nothing left to do. */
export class TrainingEndedError extends ConflictError {
  override readonly name = 'TrainingEndedError';
  override readonly code = 'TRAINING_ENDED';
}

/** onnxruntime does not answer as the trainer does: the exported model must not be registered. */
export class ExportMismatchError extends RefusedError {
  override readonly name = 'ExportMismatchError';
  override readonly code = 'EXPORT_MISMATCH';
}
