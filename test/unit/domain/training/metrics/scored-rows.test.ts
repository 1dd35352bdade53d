import { describe, expect, it } from 'vitest';
import {
  advantage,
  type Metric,
  marginFor,
  metricsOf,
} from '../../../../../domain/training/metrics/metric.ts';
import { computeMetric, scoreRows } from '../../../../../domain/training/metrics/scored-rows.ts';

// Computed with scikit-learn 1.9: roc_auc_score, log_loss, accuracy_score, precision_score, recall_score,
// f1_score, brier_score_loss; mean_absolute_error, root_mean_squared_error, r2_score.
const target = Float64Array.of(0, 0, 1, 1, 1, 0, 1, 0);
const probability = Float64Array.of(0.1, 0.4, 0.35, 0.8, 0.7, 0.7, 0.9, 0.2);
const BINARY: [Metric, number][] = [
  ['auc', 0.84375],
  ['logLoss', 0.472288],
  ['accuracy', 0.75],
  ['precision', 0.75],
  ['recall', 0.75],
  ['f1', 0.75],
  ['brier', 0.1578125],
];
const REGRESSION: [Metric, number][] = [
  ['mae', 0.5],
  ['rmse', 0.6123724],
  ['r2', 0.9486082],
];

describe('computeMetric', () => {
  it.each(BINARY)('gives the reference value of %s', (metric, expected) => {
    expect(computeMetric(scoreRows('binary', target, probability), metric)).toBeCloseTo(expected, 6);
  });

  it.each(REGRESSION)('gives the reference value of %s', (metric, expected) => {
    const rows = scoreRows('regression', Float64Array.of(3, -0.5, 2, 7), Float64Array.of(2.5, 0, 2, 8));

    expect(computeMetric(rows, metric)).toBeCloseTo(expected, 6);
  });

  it.each(['binary', 'regression'] as const)('counts a row as often as its weight says (%s)', (objective) => {
    const weights = Uint16Array.of(2, 0, 1, 3, 1, 1, 0, 2);
    const repeated = [...target.keys()].flatMap((row) => new Array<number>(weights[row]!).fill(row));
    const pick = (values: Float64Array) => Float64Array.from(repeated, (row) => values[row]!);

    for (const metric of metricsOf(objective)) {
      const weighted = computeMetric(scoreRows(objective, target, probability), metric, weights);
      const plain = computeMetric(scoreRows(objective, pick(target), pick(probability)), metric);
      expect(weighted, metric).toBeCloseTo(plain, 12);
    }
  });

  it('is NaN where the rows do not define it', () => {
    const oneClass = scoreRows('binary', Float64Array.of(0, 0), Float64Array.of(0.1, 0.2));
    const constant = scoreRows('regression', Float64Array.of(2, 2), Float64Array.of(1, 2));

    expect(computeMetric(oneClass, 'auc')).toBeNaN();
    expect(computeMetric(oneClass, 'precision')).toBeNaN();
    expect(computeMetric(constant, 'r2')).toBeNaN();
  });

  it('keeps log loss finite when a probability is 0 or 1', () => {
    const rows = scoreRows('binary', Float64Array.of(1, 0), Float64Array.of(0, 1));

    expect(computeMetric(rows, 'logLoss')).toBeCloseTo(23 * Math.log(2), 10);
  });

  it('refuses predictions that do not fit the targets or are no numbers', () => {
    expect(() => scoreRows('binary', target, probability.slice(1))).toThrow('8 targets and 7 predictions');
    expect(() => scoreRows('binary', Float64Array.of(1), Float64Array.of(Number.NaN))).toThrow('finite');
  });
});

describe('advantage', () => {
  it('is positive for the better model whatever the direction', () => {
    expect(advantage('auc', 0.8, 0.7)).toBeCloseTo(0.1);
    expect(advantage('rmse', 2, 3)).toBe(1);
  });
});

describe('marginFor', () => {
  it('is a share of an error and absolute for a score', () => {
    expect(marginFor('rmse', 0.01, 250)).toBe(2.5);
    expect(marginFor('auc', 0.01, 0.8)).toBe(0.01);
  });
});
