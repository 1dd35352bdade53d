import { InvalidParameterError } from './errors.ts';
import type { MetricPoint } from './run.ts';

/** Limits of MLflow 3.17's `validation.py`. */
export const LIMITS = {
  keyLength: 250,
  paramValueLength: 6000,
  runTagValueLength: 8000,
  experimentTagValueLength: 5000,
  experimentNameLength: 500,
  batchMetrics: 1000,
  batchParams: 100,
  batchTags: 100,
  batchTotal: 1000,
} as const;

const MAX_DOUBLE = Number.MAX_VALUE;
const NAME_CHARACTERS = /^[/\p{L}\p{N}_.\- :]*$/u;

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface Batch {
  readonly metrics: readonly MetricPoint[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/** Refuses names that MLflow refuses: other characters, paths that are not their own normal form, too long ones. */
export function checkName(name: string, path: string): void {
  if (!NAME_CHARACTERS.test(name)) {
    throw invalid(
      path,
      name,
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  }
  if (!isNormalPath(name)) {
    throw invalid(
      path,
      name,
      'Names may be treated as files in certain cases, and must not resolve to other names when treated as such.',
    );
  }
  if (name.length > LIMITS.keyLength) {
    throw new InvalidParameterError(`'${path}' exceeds the maximum length of ${LIMITS.keyLength} characters`);
  }
}

function isNormalPath(name: string): boolean {
  return (
    name !== '' &&
    name !== '.' &&
    !name.startsWith('/') &&
    !name.split('/').some((part) => part === '' || part === '.' || part === '..')
  );
}

function invalid(path: string, value: unknown, detail: string): InvalidParameterError {
  return new InvalidParameterError(
    `Invalid value ${JSON.stringify(value)} for parameter '${path}' supplied: ${detail} See the API docs for more information about request parameters.`,
  );
}

/** Checks a batch as a whole before anything of it is written. */
export function checkBatch(batch: Batch): void {
  checkCount('metrics', batch.metrics.length, LIMITS.batchMetrics);
  checkCount('params', batch.params.length, LIMITS.batchParams);
  checkCount('tags', batch.tags.length, LIMITS.batchTags);
  const total = batch.metrics.length + batch.params.length + batch.tags.length;
  if (total > LIMITS.batchTotal) {
    throw new InvalidParameterError(
      `A batch logging request can contain at most ${LIMITS.batchTotal} metrics, params, and tags. Got ${total}. Please split up metrics, params, and tags across multiple requests and try again.`,
    );
  }
  for (const [i, metric] of batch.metrics.entries()) checkName(metric.key, `metrics[${i}].name`);
  for (const [i, param] of batch.params.entries()) checkName(param.key, `params[${i}].key`);
  for (const [i, tag] of batch.tags.entries()) checkName(tag.key, `tags[${i}].key`);
  checkDuplicateParams(batch.params);
}

/** The tags of a new run. */
export function checkRunTags(tags: readonly KeyValue[]): void {
  for (const { key } of tags) checkName(key, 'key');
}

function checkCount(what: string, count: number, max: number): void {
  if (count <= max) return;
  throw new InvalidParameterError(
    `A batch logging request can contain at most ${max} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

function checkDuplicateParams(params: readonly KeyValue[]): void {
  const seen = new Map<string, string>();
  const duplicates = params.filter(({ key, value }) => {
    const known = seen.get(key);
    seen.set(key, value);
    return known !== undefined;
  });
  if (duplicates.length === 0) return;
  const keys = [...new Set(duplicates.map(({ key }) => `'${key}'`))].join(', ');
  throw new InvalidParameterError(
    `Duplicate parameter keys have been submitted: [${keys}]. Please ensure the request contains only one param value per param key.`,
  );
}

/** MLflow cuts long values instead of refusing them (MLFLOW_TRUNCATE_LONG_VALUES, on by default). */
export function truncate(value: string, maxLength: number): string {
  return value.length > maxLength ? value.slice(0, maxLength) : value;
}

/** Infinities are kept as the largest double, as MLflow's SQL store does; NaN stays NaN. */
export function clampMetric(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return MAX_DOUBLE;
  return value === Number.NEGATIVE_INFINITY ? -MAX_DOUBLE : value;
}

/** Experiments, by name. */
export function checkExperimentName(name: string): void {
  if (name.trim() === '') {
    throw new InvalidParameterError(
      "Invalid experiment name: ''. Experiment name must be a non-empty string.",
    );
  }
  if (name.length > LIMITS.experimentNameLength) {
    throw new InvalidParameterError(
      `'name' exceeds the maximum length of ${LIMITS.experimentNameLength} characters`,
    );
  }
}
