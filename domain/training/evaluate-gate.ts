import type { Comparison, SliceComparison } from './compare-models.ts';
import type { Evaluation } from './evaluate-predictions.ts';
import { type Metric, marginFor } from './metrics/metric.ts';

export interface Threshold {
  readonly metric: Metric;
  readonly min?: number;
  readonly max?: number;
}

/** What a candidate must hold before it is registered. */
export interface GatePolicy {
  readonly thresholds: readonly Threshold[];
  /** Least rows of the hold-out; fewer prove nothing. */
  readonly minRows: number;
  /** By how much the candidate may be worse than the champion on all rows; see `marginFor`. */
  readonly championMargin: number;
  /** By how much it may be worse on a slice. */
  readonly sliceMargin: number;
}

/** How the champion answered the same rows; absent when the model has none. */
export interface ChampionComparison {
  readonly overall: Comparison | undefined;
  readonly slices: readonly SliceComparison[];
}

export interface GateDecision {
  readonly passed: boolean;
  /** A sentence for each rule that does not hold; empty when passed. */
  readonly reasons: readonly string[];
}

/**
 * A point of AUC or a hundredth of an error. Two equal models differ by ±0.006 of AUC on 7,000 rows of real
 * flights, so a smaller margin would stop every model that is merely as good.
 */
export const DEFAULT_GATE: GatePolicy = {
  thresholds: [],
  minRows: 100,
  championMargin: 0.01,
  sliceMargin: 0.03,
};

/**
 * Decides whether a candidate may be registered. Over all rows not being worse must be shown: the whole
 * interval lies above minus the margin. On a slice being worse must be shown: the whole interval lies below
 * minus the margin; demanding the former of many small groups would stop every good model by noise.
 */
export function evaluateGate(
  policy: GatePolicy,
  evaluation: Evaluation,
  champion?: ChampionComparison,
): GateDecision {
  const reasons = [
    ...checkRows(policy, evaluation),
    ...policy.thresholds.flatMap((threshold) => checkThreshold(threshold, evaluation)),
    ...(champion === undefined ? [] : checkChampion(policy, champion)),
  ];
  return { passed: reasons.length === 0, reasons };
}

function checkRows(policy: GatePolicy, { rows }: Evaluation): string[] {
  if (rows >= policy.minRows) return [];
  return [`The hold-out has ${rows} rows, at least ${policy.minRows} are asked.`];
}

function checkThreshold({ metric, min, max }: Threshold, { metrics }: Evaluation): string[] {
  const value = metrics[metric];
  if (value === undefined) return [`${metric} cannot be computed on the hold-out.`];
  if (min !== undefined && value < min) return [`${metric} is ${show(value)}, at least ${min} is asked.`];
  if (max !== undefined && value > max) return [`${metric} is ${show(value)}, at most ${max} is allowed.`];
  return [];
}

function checkChampion(policy: GatePolicy, { overall, slices }: ChampionComparison): string[] {
  if (overall === undefined) return ['The hold-out does not define the metric to compare with the champion.'];
  const reasons: string[] = [];
  const margin = marginFor(overall.metric, policy.championMargin, overall.champion);
  if (!(overall.low >= -margin)) {
    reasons.push(
      `Not shown to be as good as the champion: ${describe(overall)}, and the interval must stay above ${show(-margin)}.`,
    );
  }
  for (const slice of slices) {
    const allowed = marginFor(slice.metric, policy.sliceMargin, slice.champion);
    if (slice.high >= -allowed) continue;
    reasons.push(
      `Worse than the champion where ${slice.column} is ${slice.label} (${slice.rows} rows): ${describe(slice)}, by more than ${show(allowed)}.`,
    );
  }
  return reasons;
}

function describe({ metric, candidate, champion, advantage, low, high }: Comparison): string {
  return `${metric} ${show(candidate)} against ${show(champion)}, advantage ${show(advantage)} with interval ${show(low)} to ${show(high)}`;
}

function show(value: number): string {
  return String(Number(value.toPrecision(4)));
}
