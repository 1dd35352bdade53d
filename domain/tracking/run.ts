/** MLflow's run states. */
export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export type LifecycleStage = 'active' | 'deleted';

/** One logged value; `timestamp` is epoch milliseconds. Values may be NaN or infinite. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** A dataset that a run used, as MLflow logs it. */
export interface DatasetInput {
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly dataset: {
    readonly name: string;
    readonly digest: string;
    readonly source_type: string;
    readonly source: string;
    readonly schema?: string | undefined;
    readonly profile?: string | undefined;
  };
}

/** A run with everything that search shows of it: one stored item (docs/data-model.md). */
export interface Run {
  readonly runId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly userId: string;
  readonly status: RunStatus;
  readonly startTime: number;
  readonly endTime?: number | undefined;
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The latest point of each metric: largest (step, timestamp, value). */
  readonly latest: Readonly<Record<string, MetricPoint>>;
  readonly inputs: readonly DatasetInput[];
}

export interface StoredRun {
  readonly run: Run;
  readonly revision: number;
}

export const RUN_NAME_TAG = 'mlflow.runName';

const TIME_DIGITS = 12;
const EXPERIMENT_DIGITS = 8;
const RANDOM_DIGITS = 12;
const MAX_TIME = 2 ** 48 - 1;

/**
 * A run id that says where the run is: 48 bits of start time, 32 of the experiment's number and 48 random
 * ones, as the 32 hex digits that MLflow's clients expect. So a run is found by its id with one read, and an
 * experiment's runs lie in one partition in MLflow's default order.
 */
export function formatRunId(startTime: number, experimentId: string, random: Uint8Array): string {
  const time = clampTime(startTime).toString(16).padStart(TIME_DIGITS, '0');
  const experiment = Number(experimentId).toString(16).padStart(EXPERIMENT_DIGITS, '0');
  return time + experiment + Buffer.from(random).toString('hex').slice(0, RANDOM_DIGITS);
}

/** The experiment and start time of an id of ours; undefined for any other text. */
export function parseRunId(
  runId: string,
): { readonly experimentId: string; readonly startTime: number } | undefined {
  if (!/^[0-9a-f]{32}$/.test(runId)) return undefined;
  const startTime = Number.parseInt(runId.slice(0, TIME_DIGITS), 16);
  const experimentId = String(Number.parseInt(runId.slice(TIME_DIGITS, TIME_DIGITS + EXPERIMENT_DIGITS), 16));
  return { experimentId, startTime };
}

/** Start times outside 48 bits order as the nearest one inside. */
export function clampTime(startTime: number): number {
  return Math.min(Math.max(Math.trunc(startTime), 0), MAX_TIME);
}

/** Whether `next` takes the place of `current` as the metric's latest: MLflow compares (step, timestamp, value). */
export function isLater(next: MetricPoint, current: MetricPoint | undefined): boolean {
  if (current === undefined) return true;
  if (next.step !== current.step) return next.step > current.step;
  if (next.timestamp !== current.timestamp) return next.timestamp > current.timestamp;
  return comparable(next.value) > comparable(current.value);
}

/** MLflow's SQL store compares NaN as 0. */
function comparable(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
