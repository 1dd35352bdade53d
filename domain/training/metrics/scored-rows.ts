import { InvalidInputError } from '../../shared/domain-error.ts';
import type { Objective } from '../gbdt/model.ts';
import type { Metric } from './metric.ts';

/** A model's answers beside the truth, prepared once so that metrics of many resamples are cheap. */
export interface ScoredRows {
  readonly objective: Objective;
  readonly target: Float64Array;
  /** Probability of class 1, or the predicted value. */
  readonly prediction: Float64Array;
  /** Rows by ascending prediction; only the binary objective needs it. */
  readonly order: Uint32Array;
}

/** From this probability on a row counts as class 1, as the exported model's label does. */
export const DECISION_THRESHOLD = 0.5;

/** Keeps the log of a probability that a float32 rounds to 0 or 1 finite, as scikit-learn's log_loss does. */
const LEAST_PROBABILITY = 2 ** -23;

/** @throws InvalidInputError when lengths differ or a prediction is no number. */
export function scoreRows(objective: Objective, target: Float64Array, prediction: Float64Array): ScoredRows {
  if (target.length !== prediction.length) {
    throw new InvalidInputError(`There are ${target.length} targets and ${prediction.length} predictions.`);
  }
  if (!prediction.every(Number.isFinite)) throw new InvalidInputError('A prediction is not a finite number.');
  const order = new Uint32Array(objective === 'binary' ? target.length : 0);
  for (let row = 0; row < order.length; row++) order[row] = row;
  order.sort((a, b) => prediction[a]! - prediction[b]!);
  return { objective, target, prediction, order };
}

/**
 * A metric of the rows, each counted as often as its weight says; all once without weights. NaN when the rows
 * do not define it: AUC of one class, precision without a positive prediction, R² of a constant target.
 */
export function computeMetric(rows: ScoredRows, metric: Metric, weights?: Uint16Array): number {
  const counts = weights ?? new Uint16Array(rows.target.length).fill(1);
  if (metric === 'auc') return computeAuc(rows, counts);
  if (metric === 'logLoss' || metric === 'brier') return computeProbabilityLoss(rows, metric, counts);
  if (metric === 'mae' || metric === 'rmse' || metric === 'r2') return computeError(rows, metric, counts);
  return computeDecisionMetric(rows, metric, counts);
}

/** Share of pairs of one row of each class that are in the right order; ties count half. */
function computeAuc({ order, target, prediction }: ScoredRows, counts: Uint16Array): number {
  let negativesBelow = 0;
  let positives = 0;
  let rightPairs = 0;
  for (let start = 0; start < order.length; ) {
    const score = prediction[order[start]!]!;
    let tiedPositives = 0;
    let tiedNegatives = 0;
    let end = start;
    for (; end < order.length && prediction[order[end]!]! === score; end++) {
      const row = order[end]!;
      if (target[row] === 1) tiedPositives += counts[row]!;
      else tiedNegatives += counts[row]!;
    }
    rightPairs += tiedPositives * (negativesBelow + tiedNegatives / 2);
    positives += tiedPositives;
    negativesBelow += tiedNegatives;
    start = end;
  }
  return rightPairs / (positives * negativesBelow);
}

function computeProbabilityLoss(
  { target, prediction }: ScoredRows,
  metric: 'logLoss' | 'brier',
  counts: Uint16Array,
): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < target.length; row++) {
    if (counts[row] === 0) continue;
    const probability = prediction[row]!;
    const ofTruth = target[row] === 1 ? probability : 1 - probability;
    const loss = metric === 'brier' ? (1 - ofTruth) ** 2 : -Math.log(Math.max(ofTruth, LEAST_PROBABILITY));
    sum += counts[row]! * loss;
    total += counts[row]!;
  }
  return sum / total;
}

function computeDecisionMetric(
  { target, prediction }: ScoredRows,
  metric: 'accuracy' | 'precision' | 'recall' | 'f1',
  counts: Uint16Array,
): number {
  let truePositives = 0;
  let falsePositives = 0;
  let falseNegatives = 0;
  let total = 0;
  for (let row = 0; row < target.length; row++) {
    const count = counts[row]!;
    const decided = prediction[row]! > DECISION_THRESHOLD;
    total += count;
    if (decided && target[row] === 1) truePositives += count;
    else if (decided) falsePositives += count;
    else if (target[row] === 1) falseNegatives += count;
  }
  if (metric === 'accuracy') return 1 - (falsePositives + falseNegatives) / total;
  if (metric === 'precision') return truePositives / (truePositives + falsePositives);
  if (metric === 'recall') return truePositives / (truePositives + falseNegatives);
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}

function computeError(
  { target, prediction }: ScoredRows,
  metric: 'mae' | 'rmse' | 'r2',
  counts: Uint16Array,
): number {
  let absolute = 0;
  let squared = 0;
  let sum = 0;
  let total = 0;
  for (let row = 0; row < target.length; row++) {
    const error = prediction[row]! - target[row]!;
    absolute += counts[row]! * Math.abs(error);
    squared += counts[row]! * error * error;
    sum += counts[row]! * target[row]!;
    total += counts[row]!;
  }
  if (metric === 'mae') return absolute / total;
  if (metric === 'rmse') return Math.sqrt(squared / total);
  let spread = 0;
  for (let row = 0; row < target.length; row++) spread += counts[row]! * (target[row]! - sum / total) ** 2;
  return spread > 0 ? 1 - squared / spread : Number.NaN;
}
