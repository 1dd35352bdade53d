/** MLflow's run states. */
export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export type LifecycleStage = 'active' | 'deleted';

/** One logged value; `timestamp` is epoch milliseconds. Values may be NaN. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** A dataset as MLflow logs it; in an experiment, name and digest tell it. */
export interface Dataset {
  readonly name: string;
  readonly digest: string;
  readonly source_type: string;
  readonly source: string;
  readonly schema?: string | undefined;
  readonly profile?: string | undefined;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** A dataset that a run used, with the tags of that use. */
export interface DatasetInput {
  readonly tags: readonly Tag[];
  readonly dataset: Dataset;
}

/** What a run keeps of a dataset that it used: the dataset itself is the experiment's. */
export interface DatasetReference {
  readonly name: string;
  readonly digest: string;
  readonly tags: readonly Tag[];
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
  /** The experiment's `moves` when the stage was set: an experiment that moved since then took the run along. */
  readonly moves: number;
  /** Epoch milliseconds. */
  readonly deletedAt?: number | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The latest point of each metric: largest (step, timestamp, value). */
  readonly latest: Readonly<Record<string, MetricPoint>>;
  /** Points that are not the latest and not yet in the history's chunks. */
  readonly recent: readonly MetricPoint[];
  readonly inputs: readonly DatasetReference[];
  /** Logged models that the run used. */
  readonly modelInputs: readonly string[];
  /** Logged models that the run made, by the step at which it did. */
  readonly modelOutputs: readonly { readonly modelId: string; readonly step: number }[];
  /** Who logged to the run; each is told to the audit once. */
  readonly writers: readonly string[];
}

export const RUN_NAME_TAG = 'mlflow.runName';

/** Whether `next` takes the place of `current` as the metric's latest: MLflow compares (step, timestamp, value). */
export function isLater(next: MetricPoint, current: MetricPoint | undefined): boolean {
  if (current === undefined) return true;
  if (next.step !== current.step) return next.step > current.step;
  if (next.timestamp !== current.timestamp) return next.timestamp > current.timestamp;
  return comparable(next.value) > comparable(current.value);
}

/** MLflow's SQL store compares NaN as 0. */
export function comparable(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** Equal in all that MLflow's history tells apart. */
export function isSamePoint(a: MetricPoint, b: MetricPoint): boolean {
  return a.key === b.key && a.step === b.step && a.timestamp === b.timestamp && isSameValue(a.value, b.value);
}

/** NaN is itself here, and 0 is -0. */
function isSameValue(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
