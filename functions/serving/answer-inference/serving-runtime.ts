import type { VersionExample } from '../../../domain/serving/contract.ts';
import type { ModelMetadata } from '../../../domain/serving/model-metadata.ts';
import type { ServedModel } from '../../../domain/serving/served-model.ts';
import type { CaptureWriter } from '../../../domain/serving/write-capture.ts';

/** An execution environment with its one model loaded, and what it needs from outside. */
export interface ServingRuntime {
  readonly tenant: string;
  readonly endpoint: string;
  readonly modelVersion: number;
  readonly model: ServedModel;
  readonly metadata: ModelMetadata;
  readonly example: VersionExample | undefined;
  /** Undefined when the endpoint captures nothing. */
  readonly capture: CaptureWriter | undefined;
  /** Milliseconds that INIT took. */
  readonly loadMs: number;
  /** Whether the first request has to wait for INIT. */
  readonly startsCold: boolean;
  /** Writes a capture line, newline included. */
  emit(line: string): void;
  /** `prd_` and a ULID. */
  makePredictionId(nowMs: number): string;
  nowMs(): number;
  /** Milliseconds of a clock that only goes forward. */
  elapsedMs(): number;
  /** Tells the log of a failure that the caller must not see. */
  reportFailure(error: unknown, requestId: string): void;
}
