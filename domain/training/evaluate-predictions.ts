import type { Objective } from './gbdt/model.ts';
import { type Metric, type Metrics, metricsOf } from './metrics/metric.ts';
import { computeMetric, type ScoredRows, scoreRows } from './metrics/scored-rows.ts';
import type { Slice } from './slice.ts';

export interface SliceEvaluation {
  readonly column: string;
  readonly label: string;
  readonly rows: number;
  readonly metrics: Metrics;
}

/** What a model reached on rows that it was not fitted to. */
export interface Evaluation {
  readonly objective: Objective;
  readonly rows: number;
  readonly metrics: Metrics;
  readonly slices: readonly SliceEvaluation[];
}

/** Measures predictions on all rows and on each slice. */
export function evaluatePredictions(
  objective: Objective,
  target: Float64Array,
  prediction: Float64Array,
  slices: readonly Slice[] = [],
): Evaluation {
  return {
    objective,
    rows: target.length,
    metrics: measure(scoreRows(objective, target, prediction)),
    slices: slices.map(({ column, label, rows }) => ({
      column,
      label,
      rows: rows.length,
      metrics: measure(scoreRows(objective, pick(target, rows), pick(prediction, rows))),
    })),
  };
}

/** The values of these rows. */
export function pick(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}

function measure(scored: ScoredRows): Metrics {
  const metrics: Partial<Record<Metric, number>> = {};
  for (const metric of metricsOf(scored.objective)) {
    const value = computeMetric(scored, metric);
    if (!Number.isNaN(value)) metrics[metric] = value;
  }
  return metrics;
}
