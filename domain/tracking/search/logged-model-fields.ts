import type { Sortable } from '../../shared/mlflow/order-values.ts';
import { MODEL_STATUSES } from '../logged-models/logged-model.ts';

/** A metric of a logged model, as search sees it. */
export interface SearchableModelMetric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly runId?: string | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

/** What a filter or an order of logged models looks at. */
export interface SearchableLoggedModel {
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly modelType?: string | undefined;
  readonly status: string;
  readonly statusMessage?: string | undefined;
  readonly sourceRunId?: string | undefined;
  readonly artifactUri: string;
  readonly creationTimestamp: number;
  readonly lastUpdatedTimestamp: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly SearchableModelMetric[];
}

/** A dataset that metric clauses are restricted to; without a digest any version of it. */
export interface DatasetFilter {
  readonly dataset_name: string;
  readonly dataset_digest?: string | undefined;
}

const ALIASES: Readonly<Record<string, string>> = {
  creation_time: 'creation_timestamp_ms',
  creation_timestamp: 'creation_timestamp_ms',
  last_updated_timestamp: 'last_updated_timestamp_ms',
};
const ATTRIBUTES: Readonly<Record<string, (model: SearchableLoggedModel) => Sortable>> = {
  model_id: ({ modelId }) => modelId,
  experiment_id: ({ experimentId }) => experimentId,
  name: ({ name }) => name,
  artifact_location: ({ artifactUri }) => artifactUri,
  creation_timestamp_ms: ({ creationTimestamp }) => creationTimestamp,
  last_updated_timestamp_ms: ({ lastUpdatedTimestamp }) => lastUpdatedTimestamp,
  status: ({ status }) => toStatusNumber(status),
  lifecycle_stage: () => 'active',
  model_type: ({ modelType }) => modelType,
  source_run_id: ({ sourceRunId }) => sourceRunId,
  status_message: ({ statusMessage }) => statusMessage,
};

export const MODEL_ATTRIBUTES: readonly string[] = Object.keys(ATTRIBUTES);

/** The one name that an attribute is read by. */
export function resolveModelAlias(key: string): string {
  return Object.hasOwn(ALIASES, key) ? (ALIASES[key] as string) : key;
}

export function isTimestamp(key: string): boolean {
  return key.endsWith('_timestamp_ms');
}

/** Reads an attribute by its name or alias; undefined when there is no such attribute. */
export function findModelAttribute(key: string): ((model: SearchableLoggedModel) => Sortable) | undefined {
  const name = resolveModelAlias(key);
  return Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
}

/** MLflow keeps a status as its number, which its filters name; its names are understood here as well. */
export function toStatusNumber(status: string): string {
  const names = [status, `LOGGED_MODEL_${status}`, `LOGGED_MODEL_UPLOAD_${status}`];
  const number = MODEL_STATUSES.findIndex((name) => names.includes(name));
  return number < 0 ? status : String(number);
}

/** Whether a metric was logged on one of these datasets. */
export function isOnDataset(metric: SearchableModelMetric, datasets: readonly DatasetFilter[]): boolean {
  return datasets.some(
    ({ dataset_name, dataset_digest }) =>
      metric.datasetName === dataset_name && (!dataset_digest || metric.datasetDigest === dataset_digest),
  );
}
