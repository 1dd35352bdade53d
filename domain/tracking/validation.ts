import { checkMlflowKey, checkMlflowLength, checkMlflowTag, toPythonText } from '../shared/mlflow-names.ts';
import { invalidParameter, tooLong, toPythonFloat } from '../shared/mlflow-words.ts';
import { InvalidParameterError } from './errors.ts';
import type { DatasetInput, MetricPoint } from './runs/run.ts';

/** Limits of MLflow 3.17's `validation.py`. */
export const LIMITS = {
  keyLength: 250,
  paramValueLength: 6000,
  runTagValueLength: 8000,
  experimentTagValueLength: 20_000,
  experimentNameLength: 500,
  artifactLocationLength: 2048,
  batchMetrics: 1000,
  batchParams: 100,
  batchTags: 100,
  batchTotal: 1000,
} as const;

const DATASET_LIMITS = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
  tagKey: 255,
  tagValue: 500,
} as const;

const MAX_DOUBLE = Number.MAX_VALUE;

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface Batch {
  readonly metrics: readonly MetricPoint[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/** Checks a batch as a whole before anything of it is written: each entry, then their number, then doubles. */
export function checkBatch(batch: Batch): void {
  for (const [index, metric] of batch.metrics.entries()) checkMetric(metric, `metrics[${index}].`);
  for (const [index, param] of batch.params.entries()) checkParam(param, `params[${index}].`);
  for (const [index, tag] of batch.tags.entries()) checkTag(tag, `tags[${index}].`);
  checkCount('metrics', batch.metrics.length, LIMITS.batchMetrics);
  checkCount('params', batch.params.length, LIMITS.batchParams);
  checkCount('tags', batch.tags.length, LIMITS.batchTags);
  const total = batch.metrics.length + batch.params.length + batch.tags.length;
  checkCount('metrics, params, and tags', total, LIMITS.batchTotal);
  checkDuplicateParams(batch.params);
}

/** The tags of a new run: MLflow does not judge the characters of their keys. */
export function checkRunTags(tags: readonly KeyValue[]): void {
  for (const { key } of tags) checkMlflowLength(key, LIMITS.keyLength, 'key');
}

/** `prefix` says where the metric stands in a batch (`metrics[0].`). */
export function checkMetric({ key, value, timestamp }: MetricPoint, prefix = ''): void {
  checkMlflowKey(key, `${prefix}name`);
  if (timestamp < 0) {
    const detail = `metric '${key}' (value=${toPythonFloat(value)}). Timestamp must be a nonnegative long (64-bit integer) `;
    throw new InvalidParameterError(invalidParameter(`${prefix}timestamp`, timestamp, detail));
  }
  checkMlflowLength(key, LIMITS.keyLength, 'Metric name');
}

/** Long values are cut, not refused. */
export function checkParam({ key }: KeyValue, prefix = ''): void {
  checkMlflowKey(key, `${prefix}key`);
  checkMlflowLength(key, LIMITS.keyLength, 'Param key');
}

/** A run's tag; long values are cut, not refused. */
export function checkTag({ key }: KeyValue, prefix = ''): void {
  checkMlflowKey(key, `${prefix}key`);
  checkMlflowLength(key, LIMITS.keyLength, `${prefix}key`);
}

/** A dataset that a run used, with the tags of the use. */
export function checkDatasetInput({ dataset, tags }: DatasetInput): void {
  for (const field of ['name', 'digest', 'source', 'schema', 'profile'] as const) {
    checkMlflowLength(dataset[field] ?? '', DATASET_LIMITS[field], field);
  }
  for (const { key, value } of tags) {
    checkMlflowLength(key, DATASET_LIMITS.tagKey, 'key');
    checkMlflowLength(value, DATASET_LIMITS.tagValue, 'value');
  }
}

/** An experiment's tag. */
export function checkExperimentTag({ key, value }: KeyValue): void {
  checkMlflowTag(key, value, { key: LIMITS.keyLength, value: LIMITS.experimentTagValueLength });
}

function checkCount(what: string, count: number, max: number): void {
  if (count <= max) return;
  throw new InvalidParameterError(
    `A batch logging request can contain at most ${max} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

function checkDuplicateParams(params: readonly KeyValue[]): void {
  const seen = new Set<string>();
  const duplicates = params.filter(({ key }) => seen.size === seen.add(key).size);
  if (duplicates.length === 0) return;
  const keys = duplicates.map(({ key }) => toPythonText(key)).join(', ');
  throw new InvalidParameterError(
    `Duplicate parameter keys have been submitted: [${keys}]. Please ensure the request contains only one param value per param key.`,
  );
}

/** MLflow cuts long values instead of refusing them (MLFLOW_TRUNCATE_LONG_VALUES, on by default). */
export function truncate(value: string, maxLength: number): string {
  return value.length > maxLength ? [...value].slice(0, maxLength).join('') : value;
}

/** Infinities are kept as the largest double, as MLflow's SQL store does; NaN stays NaN. */
export function clampMetric(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return MAX_DOUBLE;
  return value === Number.NEGATIVE_INFINITY ? -MAX_DOUBLE : value;
}

/** An experiment's name: anything that is not empty. */
export function checkExperimentName(name: string): void {
  if (name === '') throw new InvalidParameterError("Invalid experiment name: ''");
  if ([...name].length > LIMITS.experimentNameLength) {
    throw new InvalidParameterError(tooLong('name', LIMITS.experimentNameLength));
  }
}

/** The id of a run, as MLflow checks it before batches and inputs. */
export function checkRunId(runId: string): void {
  if (/^[a-zA-Z0-9][\p{L}\p{N}_-]{0,255}$/u.test(runId)) return;
  throw new InvalidParameterError(invalidParameter('run_id', runId));
}
