import type { Item } from '../shared/store.ts';
import type { Experiment } from './experiments/experiment.ts';
import type { MetricOfRun } from './metrics/metric-sample.ts';
import type { DatasetInput, MetricPoint, Run } from './runs/run.ts';

/** MLflow's JSON of a double: its three special values are strings. */
function toDouble(value: number): number | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

function toPairs(record: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** A metric as MLflow's JSON. */
export function toMlflowMetric({ key, value, timestamp, step }: MetricPoint) {
  return { key, value: toDouble(value), timestamp, step };
}

/** A metric of one of several runs as MLflow's JSON. */
export function toMlflowMetricOfRun(metric: MetricOfRun) {
  return { ...toMlflowMetric(metric), run_id: metric.runId };
}

/** An experiment as MLflow's JSON. */
export function toMlflowExperiment(experiment: Experiment) {
  return {
    experiment_id: experiment.experimentId,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycleStage,
    creation_time: Date.parse(experiment.createdAt),
    last_update_time: Date.parse(experiment.updatedAt),
    tags: toPairs(experiment.tags),
  };
}

/** A run's `info` as MLflow's JSON; clients of all ages find the id they look for. */
export function toMlflowRunInfo(run: Run) {
  return {
    run_id: run.runId,
    run_uuid: run.runId,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.userId,
    status: run.status,
    start_time: run.startTime,
    ...(run.endTime === undefined ? {} : { end_time: run.endTime }),
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycleStage,
  };
}

/** A run as MLflow's JSON; `data.metrics` has the latest of each. */
export function toMlflowRun(run: Run, datasets: readonly DatasetInput[] = []) {
  return {
    info: toMlflowRunInfo(run),
    data: {
      metrics: Object.values(run.latest).map(toMlflowMetric),
      params: toPairs(run.params),
      tags: toPairs(run.tags),
    },
    inputs: {
      dataset_inputs: datasets,
      model_inputs: run.modelInputs.map((model_id) => ({ model_id })),
    },
    outputs: { model_outputs: run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })) },
  };
}

/** An experiment as the platform's own API shows it. */
export function toPlatformExperiment({ value, revision }: Item<Experiment>) {
  const { experimentId, name, artifactLocation, lifecycleStage, tags, createdAt, createdBy, updatedAt } =
    value;
  return {
    experimentId,
    name,
    artifactLocation,
    lifecycleStage,
    tags,
    createdAt,
    createdBy,
    updatedAt,
    revision,
  };
}
