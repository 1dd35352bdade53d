import type { KeyValue } from '../validation.ts';
import type { MetricOfModel } from './log-model-metrics.ts';
import { type LoggedModel, MODEL_STATUSES, type ModelMetric, type ModelStatus } from './logged-model.ts';

/** A logged model as MLflow's JSON: empty lists are absent, params and tags are in order of their keys. */
export function toMlflowLoggedModel(model: LoggedModel) {
  const metrics = model.metrics.map((metric) => toMlflowModelMetric(model.modelId, metric));
  return {
    info: {
      model_id: model.modelId,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.creationTimestamp,
      last_updated_timestamp_ms: model.lastUpdatedTimestamp,
      artifact_uri: model.artifactUri,
      status: model.status,
      model_type: model.modelType,
      source_run_id: model.sourceRunId,
      ...unlessEmpty('tags', toSortedPairs(model.tags)),
    },
    data: { ...unlessEmpty('params', toSortedPairs(model.params)), ...unlessEmpty('metrics', metrics) },
  };
}

function toMlflowModelMetric(modelId: string, metric: ModelMetric) {
  const { key, value, timestamp, step, runId, datasetName, datasetDigest } = metric;
  const dataset =
    datasetName === undefined ? {} : { dataset_name: datasetName, dataset_digest: datasetDigest };
  return { key, value, timestamp, step, ...dataset, model_id: modelId, run_id: runId };
}

function toSortedPairs(record: Readonly<Record<string, string>>): KeyValue[] {
  const byKey = ([a]: [string, string], [b]: [string, string]) => (a < b ? -1 : a > b ? 1 : 0);
  return Object.entries(record)
    .sort(byKey)
    .map(([key, value]) => ({ key, value }));
}

function unlessEmpty<K extends string, T>(name: K, list: readonly T[]): Partial<Record<K, readonly T[]>> {
  return list.length === 0 ? {} : ({ [name]: list } as Record<K, readonly T[]>);
}

/** MLflow's status by its name or number; protobuf makes an unknown one the unspecified one. */
export function parseModelStatus(status: string | number): ModelStatus {
  const byNumber = /^\d+(\.\d+)?$/.test(String(status))
    ? MODEL_STATUSES[Math.trunc(Number(status))]
    : undefined;
  const byName = MODEL_STATUSES.find((name) => name === status);
  return byNumber ?? byName ?? 'LOGGED_MODEL_STATUS_UNSPECIFIED';
}

interface MlflowMetric extends Pick<ModelMetric, 'key' | 'value' | 'timestamp' | 'step'> {
  readonly model_id?: string | undefined;
  readonly dataset_name?: string | undefined;
  readonly dataset_digest?: string | undefined;
}

/** A metric of a request; MLflow takes an empty text for none. */
export function toMetricOfModel(metric: MlflowMetric): MetricOfModel {
  const { key, value, timestamp, step, model_id, dataset_name, dataset_digest } = metric;
  return {
    ...{ key, value, timestamp, step },
    modelId: model_id || undefined,
    datasetName: dataset_name || undefined,
    datasetDigest: dataset_digest || undefined,
  };
}
