import type { LifecycleStage } from '../runs/run.ts';

/** MLflow's states of a logged model, by the numbers of its protocol and of its filter. */
export const MODEL_STATUSES = [
  'LOGGED_MODEL_STATUS_UNSPECIFIED',
  'LOGGED_MODEL_PENDING',
  'LOGGED_MODEL_READY',
  'LOGGED_MODEL_UPLOAD_FAILED',
] as const;
export type ModelStatus = (typeof MODEL_STATUSES)[number];

/** A metric that a run logged about a model; values are finite. */
export interface ModelMetric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly runId: string;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

/** MLflow 3's logged model with everything that search shows of it: one stored item (docs/data-model.md). */
export interface LoggedModel {
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  /** Empty when it was not said, as in MLflow. */
  readonly modelType: string;
  /** Empty when no run made it; a run that does not exist is legal. */
  readonly sourceRunId: string;
  readonly artifactUri: string;
  readonly status: ModelStatus;
  readonly lifecycleStage: LifecycleStage;
  /** Epoch milliseconds. */
  readonly creationTimestamp: number;
  /** Epoch milliseconds; of a deleted model the time of deletion. */
  readonly lastUpdatedTimestamp: number;
  readonly createdBy: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** In the order of logging (link-metrics.ts says which are kept). */
  readonly metrics: readonly ModelMetric[];
}

/** Registry versions made from the model, as MLflow's server writes them. */
export const MODEL_VERSIONS_TAG = 'mlflow.modelVersions';

const TIME_DIGITS = 12;
const EXPERIMENT_DIGITS = 8;
const RANDOM_DIGITS = 12;

/**
 * An id that says where the model is, as ids of runs do: 48 bits of creation time, 32 of the experiment's number
 * and 48 random ones behind MLflow's `m-`. A model is found by its id with one read.
 */
export function formatModelId(creationTimestamp: number, experimentId: string, random: Uint8Array): string {
  const time = creationTimestamp.toString(16).padStart(TIME_DIGITS, '0');
  const experiment = Number(experimentId).toString(16).padStart(EXPERIMENT_DIGITS, '0');
  return `m-${time}${experiment}${Buffer.from(random).toString('hex').slice(0, RANDOM_DIGITS)}`;
}

/** The experiment and creation time of an id of ours; undefined for any other text. */
export function parseModelId(
  modelId: string,
): { readonly experimentId: string; readonly creationTimestamp: number } | undefined {
  const digits = /^m-([0-9a-f]{12})([0-9a-f]{8})[0-9a-f]{12}$/.exec(modelId);
  if (digits === null) return undefined;
  const [, time, experiment] = digits as unknown as [string, string, string];
  return {
    experimentId: String(Number.parseInt(experiment, 16)),
    creationTimestamp: Number.parseInt(time, 16),
  };
}
