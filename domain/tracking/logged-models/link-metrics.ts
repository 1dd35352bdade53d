import type { ModelMetric } from './logged-model.ts';

/**
 * MLflow's SQL store keeps every metric of a model and answers all of them. So do we, up to this many that are
 * not the latest of their kind: a training loop that logs each step about its model must not grow the item for ever.
 */
export const MAX_EARLIER_METRICS = 500;

/**
 * The model's metrics with the new ones: all latest by (key, run, dataset), and the youngest of the others.
 * Answers the same list when nothing is new, so that a retry writes nothing.
 */
export function linkMetrics(known: readonly ModelMetric[], added: readonly ModelMetric[]) {
  const byIdentity = new Map(known.map((metric) => [identify(metric), metric]));
  for (const metric of added) {
    const identity = identify(metric);
    if (!byIdentity.has(identity)) byIdentity.set(identity, metric);
  }
  return byIdentity.size === known.length ? known : forgetEarlier([...byIdentity.values()]);
}

function forgetEarlier(metrics: readonly ModelMetric[]): readonly ModelMetric[] {
  const latest = new Set(latestBySeries(metrics));
  let surplus = metrics.length - latest.size - MAX_EARLIER_METRICS;
  if (surplus <= 0) return metrics;
  return metrics.filter((metric) => latest.has(metric) || surplus-- <= 0);
}

function latestBySeries(metrics: readonly ModelMetric[]): Iterable<ModelMetric> {
  const latest = new Map<string, ModelMetric>();
  for (const metric of metrics) {
    const series = join(metric.key, metric.runId, metric.datasetName, metric.datasetDigest);
    const current = latest.get(series);
    if (current === undefined || isYounger(metric, current)) latest.set(series, metric);
  }
  return latest.values();
}

/** MLflow orders a model's metrics by (timestamp, step); of equal ones the first run's stands. */
export function isYounger(next: ModelMetric, current: ModelMetric): boolean {
  if (next.timestamp !== current.timestamp) return next.timestamp > current.timestamp;
  if (next.step !== current.step) return next.step > current.step;
  return next.runId < current.runId;
}

function identify({ key, runId, datasetName, datasetDigest, timestamp, step, value }: ModelMetric): string {
  return join(key, runId, datasetName, datasetDigest, timestamp, step, value);
}

function join(...parts: readonly (string | number | undefined)[]): string {
  return parts.map((part) => part ?? '').join('\u0000');
}
