import type { Experiment } from './experiment.ts';
import type { MetricPoint, Run } from './run.ts';

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
export function toMlflowRun(run: Run) {
  return {
    info: toMlflowRunInfo(run),
    data: {
      metrics: Object.values(run.latest).map(toMlflowMetric),
      params: toPairs(run.params),
      tags: toPairs(run.tags),
    },
    inputs: { dataset_inputs: run.inputs },
  };
}
