import {
  aucMetric,
  logLosses,
  type MeasuredMetric,
  meanMetric,
  ratioMetric,
  rmseMetric,
  rSquaredMetric,
} from './influences.ts';
import type { LabelledRows } from './labelled-rows.ts';

export const PERFORMANCE_METRICS = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'logLoss',
  'auc',
  'brier',
  'mae',
  'rmse',
  'r2',
] as const;
export type PerformanceMetric = (typeof PERFORMANCE_METRICS)[number];

/** Metrics of which less is better. */
export const LESS_IS_BETTER: ReadonlySet<PerformanceMetric> = new Set(['logLoss', 'brier', 'mae', 'rmse']);

/** A metric with its 95 % confidence interval. */
export interface MetricEstimate {
  readonly value: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

export interface Performance {
  readonly rows: number;
  /** Metrics that the rows define; AUC of one class is absent. */
  readonly metrics: Readonly<Partial<Record<PerformanceMetric, MetricEstimate>>>;
  /** Accuracy of always answering the most frequent label, or RMSE of always answering the mean. */
  readonly bestConstant: number | null;
}

/** Two-sided 95 %. */
const Z = 1.959964;
const SHARES: ReadonlySet<string> = new Set(['accuracy', 'precision', 'recall', 'f1', 'auc', 'brier']);

/** Metrics of labelled rows with confidence intervals: influence functions, DeLong's for AUC, Wilson's for shares. */
export function measurePerformance(rows: LabelledRows): Performance {
  const n = rows.labels.length;
  const metrics: Partial<Record<PerformanceMetric, MetricEstimate>> = {};
  if (n === 0) return { rows: 0, metrics, bestConstant: null };
  for (const [name, measured] of Object.entries(measureAll(rows)) as [PerformanceMetric, MeasuredMetric][]) {
    if (Number.isFinite(measured.value)) metrics[name] = estimate(name, measured);
  }
  return { rows: n, metrics, bestConstant: bestConstant(rows) };
}

function measureAll(rows: LabelledRows): Partial<Record<PerformanceMetric, MeasuredMetric>> {
  if (rows.task === 'regression') return measureRegression(rows);
  if (rows.task === 'multiclass') return { accuracy: meanMetric(Float64Array.from(rows.correct)) };
  const { predictions, labels, scores } = rows;
  const truePositives = Float64Array.from(labels, (label, i) => label * predictions[i]!);
  const predicted = Float64Array.from(predictions);
  const actual = Float64Array.from(labels);
  return {
    accuracy: meanMetric(Float64Array.from(labels, (label, i) => Number(label === predictions[i]))),
    precision: ratioMetric(truePositives, predicted),
    recall: ratioMetric(truePositives, actual),
    f1: ratioMetric(
      truePositives.map((x) => 2 * x),
      predicted.map((x, i) => x + actual[i]!),
    ),
    ...(scores !== null && {
      logLoss: meanMetric(logLosses(labels, scores)),
      brier: meanMetric(scores.map((score, i) => (score - labels[i]!) ** 2)),
      auc: aucMetric(labels, scores),
    }),
  };
}

function measureRegression({
  predictions,
  labels,
}: Extract<LabelledRows, { task: 'regression' }>): Partial<Record<PerformanceMetric, MeasuredMetric>> {
  return {
    mae: meanMetric(labels.map((label, i) => Math.abs(label - predictions[i]!))),
    rmse: rmseMetric(predictions, labels),
    r2: rSquaredMetric(predictions, labels),
  };
}

function estimate(name: PerformanceMetric, { value, influences }: MeasuredMetric): MetricEstimate {
  const n = influences.length;
  const variance = influences.reduce((sum, x) => sum + x * x, 0) / Math.max(1, n - 1);
  const standardError = Math.sqrt(variance / n);
  if (!SHARES.has(name) || name === 'brier') {
    const low = name === 'r2' ? value - Z * standardError : Math.max(0, value - Z * standardError);
    return { value, standardError, low, high: value + Z * standardError };
  }
  return { value, standardError, ...wilsonInterval(value, effectiveRows(value, standardError, n)) };
}

/** Rows of a simple share with this standard error; all of them when the error says nothing, as at 0 and 1. */
function effectiveRows(value: number, standardError: number, n: number): number {
  return standardError > 0 ? Math.min(n, (value * (1 - value)) / standardError ** 2) : n;
}

/** Wilson's interval of a share: it does not shrink to a point when every row was right. */
function wilsonInterval(share: number, n: number): { low: number; high: number } {
  const centre = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

function bestConstant(rows: LabelledRows): number {
  if (rows.task === 'regression') {
    const mean = rows.labels.reduce((sum, label) => sum + label, 0) / rows.labels.length;
    return Math.sqrt(rows.labels.reduce((sum, label) => sum + (label - mean) ** 2, 0) / rows.labels.length);
  }
  const counts = new Map<string | number, number>();
  for (const label of rows.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values()) / rows.labels.length;
}
