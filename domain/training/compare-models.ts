import { pick } from './evaluate-predictions.ts';
import type { Objective } from './gbdt/model.ts';
import { advantage, type Metric } from './metrics/metric.ts';
import { computeMetric, scoreRows } from './metrics/scored-rows.ts';
import { makeRandom } from './random.ts';
import type { Slice } from './slice.ts';

/** Two models' answers to the same rows. */
export interface PairedPredictions {
  readonly objective: Objective;
  readonly target: Float64Array;
  readonly candidate: Float64Array;
  readonly champion: Float64Array;
}

export interface ComparePolicy {
  readonly metric: Metric;
  /** Coverage of the interval, 0.95 for instance. */
  readonly level: number;
  readonly resamples: number;
  readonly seed: number;
}

/** How much better the candidate is; positive is better whatever the metric's direction. */
export interface Comparison {
  readonly metric: Metric;
  readonly rows: number;
  readonly candidate: number;
  readonly champion: number;
  readonly advantage: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export interface SliceComparison extends Comparison {
  readonly column: string;
  readonly label: string;
}

/**
 * Paired percentile bootstrap: rows are drawn with replacement and both models are measured on the same draw,
 * so what is hard for both cancels. Undefined when the rows do not define the metric.
 */
export function compareModels(pair: PairedPredictions, policy: ComparePolicy): Comparison | undefined {
  const { objective, target } = pair;
  const { metric, level } = policy;
  const candidate = scoreRows(objective, target, pair.candidate);
  const champion = scoreRows(objective, target, pair.champion);
  const own = computeMetric(candidate, metric);
  const other = computeMetric(champion, metric);
  if (Number.isNaN(own) || Number.isNaN(other)) return undefined;
  const random = makeRandom(policy.seed);
  const weights = new Uint16Array(target.length);
  const draws = new Float64Array(policy.resamples);
  let defined = 0;
  for (let draw = 0; draw < policy.resamples; draw++) {
    weights.fill(0);
    for (let i = 0; i < weights.length; i++) weights[random.below(weights.length)]! += 1;
    const value = advantage(
      metric,
      computeMetric(candidate, metric, weights),
      computeMetric(champion, metric, weights),
    );
    // A draw can miss a class altogether; it says nothing then.
    if (!Number.isNaN(value)) draws[defined++] = value;
  }
  const sorted = draws.subarray(0, defined).sort();
  return {
    metric,
    rows: target.length,
    candidate: own,
    champion: other,
    advantage: advantage(metric, own, other),
    low: quantile(sorted, (1 - level) / 2),
    high: quantile(sorted, (1 + level) / 2),
    level,
  };
}

/** Compares on each slice; the level is raised so that all intervals hold together (Bonferroni). */
export function compareSlices(
  pair: PairedPredictions,
  slices: readonly Slice[],
  policy: ComparePolicy,
): SliceComparison[] {
  const level = 1 - (1 - policy.level) / Math.max(1, slices.length);
  return slices.flatMap(({ column, label, rows }) => {
    const part: PairedPredictions = {
      objective: pair.objective,
      target: pick(pair.target, rows),
      candidate: pick(pair.candidate, rows),
      champion: pick(pair.champion, rows),
    };
    const comparison = compareModels(part, { ...policy, level });
    return comparison === undefined ? [] : [{ column, label, ...comparison }];
  });
}

function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
