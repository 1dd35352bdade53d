import type { Objective } from '../gbdt/model.ts';

export const BINARY_METRICS = ['auc', 'logLoss', 'accuracy', 'precision', 'recall', 'f1', 'brier'] as const;
export const REGRESSION_METRICS = ['mae', 'rmse', 'r2'] as const;

export type BinaryMetric = (typeof BINARY_METRICS)[number];
export type RegressionMetric = (typeof REGRESSION_METRICS)[number];
export type Metric = BinaryMetric | RegressionMetric;

/** Values by metric; one that the rows do not define (AUC of one class) is absent. */
export type Metrics = Readonly<Partial<Record<Metric, number>>>;

/** Metrics of which less is better; of all others more is. */
const LESS_IS_BETTER: ReadonlySet<Metric> = new Set(['logLoss', 'brier', 'mae', 'rmse']);

/** What trials, champion and gate compare unless told otherwise. */
export const DEFAULT_METRIC: Readonly<Record<Objective, Metric>> = { binary: 'auc', regression: 'rmse' };

export function metricsOf(objective: Objective): readonly Metric[] {
  return objective === 'binary' ? BINARY_METRICS : REGRESSION_METRICS;
}

/** How much better `candidate` is than `champion`, in the metric's own unit; negative when it is worse. */
export function advantage(metric: Metric, candidate: number, champion: number): number {
  return LESS_IS_BETTER.has(metric) ? champion - candidate : candidate - champion;
}

/**
 * A margin in the metric's own unit: a share of the champion's value for errors and losses, whose size depends
 * on the data, and as it is for metrics that end at 1.
 */
export function marginFor(metric: Metric, margin: number, champion: number): number {
  return LESS_IS_BETTER.has(metric) ? margin * champion : margin;
}
