import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import { formatNumber } from '../drift/format-number.ts';
import {
  LESS_IS_BETTER,
  type MetricEstimate,
  type Performance,
  type PerformanceMetric,
} from './measure-performance.ts';

/** What the version reached before it was deployed. */
export interface ReferencePerformance {
  readonly metrics: Readonly<Partial<Record<PerformanceMetric, number>>>;
  /** Rows behind them; without, they count as exact. */
  readonly rows?: number;
}

export interface DegradationRule {
  /** Judged metrics; by default those that both sides have, of `DEFAULT_METRICS`. */
  readonly metrics?: readonly PerformanceMetric[];
  /** @default 50 */
  readonly minRows?: number;
  /** Loss that is accepted: a share of the reference's value for errors, absolute for shares. @default 0.02 */
  readonly tolerance?: number;
  /** Chance of a false alarm of a window, over all metrics together. @default 0.001 */
  readonly falseAlarmRate?: number;
}

export type DegradationVerdict = 'INSUFFICIENT_DATA' | 'NONE' | 'DEGRADED';

export interface MetricComparison {
  readonly metric: PerformanceMetric;
  readonly reference: number;
  readonly current: MetricEstimate;
  /** How much worse, in the metric's unit; negative when better. */
  readonly loss: number;
  readonly pValue: number;
  readonly degraded: boolean;
}

export interface Degradation {
  readonly verdict: DegradationVerdict;
  readonly rows: number;
  readonly comparisons: readonly MetricComparison[];
  readonly reasons: readonly string[];
}

/** One metric of ranking and one of decisions, one of regression: judging all would only repeat them. */
export const DEFAULT_METRICS: readonly PerformanceMetric[] = ['auc', 'accuracy', 'rmse'];
const MIN_ROWS = 50;
const TOLERANCE = 0.02;
const FALSE_ALARM_RATE = 1e-3;

/**
 * Whether a window is worse than the version's reference by more than is accepted and by more than the noise of
 * both sides explains.
 */
export function assessDegradation(
  current: Performance,
  reference: ReferencePerformance,
  rule: DegradationRule = {},
): Degradation {
  const minRows = rule.minRows ?? MIN_ROWS;
  const judged = (rule.metrics ?? DEFAULT_METRICS).filter(
    (metric) => current.metrics[metric] !== undefined && reference.metrics[metric] !== undefined,
  );
  if (current.rows < minRows || judged.length === 0) {
    const reason =
      judged.length === 0
        ? 'No metric is known of both the window and the reference.'
        : `${current.rows} labelled rows; a verdict needs ${minRows}.`;
    return { verdict: 'INSUFFICIENT_DATA', rows: current.rows, comparisons: [], reasons: [reason] };
  }
  const level = (rule.falseAlarmRate ?? FALSE_ALARM_RATE) / judged.length;
  const comparisons = judged.map((metric) => compareMetric(metric, current, reference, rule, level));
  const degraded = comparisons.filter((comparison) => comparison.degraded);
  return {
    verdict: degraded.length > 0 ? 'DEGRADED' : 'NONE',
    rows: current.rows,
    comparisons,
    reasons: degraded.map((comparison) => describe(comparison, current.rows)),
  };
}

function compareMetric(
  metric: PerformanceMetric,
  current: Performance,
  reference: ReferencePerformance,
  rule: DegradationRule,
  level: number,
): MetricComparison {
  const estimate = current.metrics[metric]!;
  const before = reference.metrics[metric]!;
  const isLoss = LESS_IS_BETTER.has(metric);
  const loss = isLoss ? estimate.value - before : before - estimate.value;
  const tolerance = (rule.tolerance ?? TOLERANCE) * (isLoss ? Math.abs(before) : 1);
  const error = standardErrorOf(estimate) * Math.sqrt(1 + current.rows / (reference.rows ?? Infinity));
  const pValue = error > 0 ? normalCdf(-(loss - tolerance) / error, 0, 1) : Number(loss <= tolerance);
  return { metric, reference: before, current: estimate, loss, pValue, degraded: pValue < level };
}

/** From the interval's half width when that is larger: at shares of 0 and 1 rows do not differ. */
function standardErrorOf({ standardError, low, high }: MetricEstimate): number {
  return Math.max(standardError, (high - low) / (2 * 1.959964));
}

function describe({ metric, reference, current }: MetricComparison, rows: number): string {
  const interval = `95 % interval ${formatNumber(current.low)} to ${formatNumber(current.high)}`;
  return `${metric} went from ${formatNumber(reference)} to ${formatNumber(current.value)} (${interval}, ${rows} labelled rows).`;
}
