import { describe, expect, it } from 'vitest';
import { kolmogorovSurvival } from '../../../../../domain/monitoring/statistics/kolmogorov.ts';
import { kolmogorovLimit } from '../../../../../domain/monitoring/statistics/kolmogorov-limit.ts';

/** `scipy.stats.kstwo.sf(d, n)` of SciPy 1.17.1: one value or more for each method of the algorithm. */
const SCIPY: readonly (readonly [n: number, d: number, probability: number])[] = [
  [3, 0.2, 0.9982222222222222],
  [3, 0.5, 0.3333333333333333],
  [3, 0.9, 0.0019999999999999987],
  [10, 0.04, 1],
  [10, 0.08, 0.9999978058034054],
  [50, 0.1, 0.6623112704658186],
  [50, 0.2, 0.03143877776953241],
  [50, 0.3, 0.00017353260202718738],
  [140, 0.13, 0.015982508324669718],
  [200, 0.005, 1],
  [200, 0.05, 0.6802625495871704],
  [200, 0.1, 0.03411035080315383],
  [1000, 0.03, 0.3226902143914636],
  [2500, 0.02, 0.2664504478465197],
  [5000, 0.05, 2.6523052328711187e-11],
  [100_000, 0.3, 0],
];

describe('kolmogorovSurvival', () => {
  it.each(SCIPY)('of %i values at %f equals SciPy', (n, d, expected) => {
    const probability = kolmogorovSurvival(n, d);

    expect(Math.abs(probability - expected)).toBeLessThanOrEqual(1e-6 * expected);
  });

  it.each([
    [10, 0, 1],
    [10, -1, 1],
    [0, 0.5, 1],
    [10, 1, 0],
    [5000, 0.0001, 1],
  ])('of %i values at %f is %i', (n, d, expected) => {
    expect(kolmogorovSurvival(n, d)).toBe(expected);
  });
});

describe('kolmogorovLimit', () => {
  it.each([
    [200, 0.05],
    [1000, 0.06],
    [5000, 0.03],
  ])('of %i values at %f is within three percent of the exact one', (n, d) => {
    const ratio = kolmogorovLimit(n, d) / kolmogorovSurvival(n, d);

    expect(Math.abs(ratio - 1)).toBeLessThan(0.03);
  });

  it('is 1 at a gap of nothing', () => {
    expect(kolmogorovLimit(100, 0)).toBe(1);
  });
});
