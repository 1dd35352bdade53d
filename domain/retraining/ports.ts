import type { CallContext } from '../shared/call-context.ts';

export interface EndpointState {
  /** The version that has the traffic; null before the first. */
  readonly version: number | null;
  readonly rolloutRunning: boolean;
}

/** What retraining asks of the other capabilities. */
export interface RetrainingWorld {
  findEndpoint(tenant: string, endpoint: string): Promise<EndpointState | undefined>;
  /** Reasons why the endpoint's data cannot be trusted now; empty when it can. */
  listQualityViolations(tenant: string, endpoint: string): Promise<readonly string[]>;
  /** Distinct rows of the window that have a label. */
  countLabels(tenant: string, endpoint: string, fromMs: number, toMs: number): Promise<number>;
  /** Whether an execution of the pipeline is pending or running. */
  isTraining(tenant: string, pipeline: string): Promise<boolean>;
  /**
   * Starts a training on captured rows and their labels: a new version of the pipeline's dataset, built first.
   * The same `idempotencyKey` starts once and answers the same execution.
   */
  startTraining(context: CallContext, request: TrainingRequest): Promise<StartedTraining>;
}

export interface TrainingRequest {
  readonly pipeline: string;
  readonly endpoint: string;
  readonly from: string;
  readonly to: string;
  readonly append: boolean;
  readonly idempotencyKey: string;
  /** Why, for lineage and audit. */
  readonly cause: string;
}

export interface StartedTraining {
  readonly executionId: string;
  readonly dataset: string;
  readonly datasetVersion: number;
}
