import { describe, expect, it } from 'vitest';
import {
  binomialAtLeast,
  binomialAtMost,
  chiSquareSurvival,
  fisherSurvival,
  gammaSurvival,
  rateDifference,
  twoSidedNormal,
} from '../../../../../domain/monitoring/statistics/probability.ts';

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-9);
}

describe('chiSquareSurvival', () => {
  // scipy.stats.chi2.sf of SciPy 1.17.1, the last two by mpmath 1.3.
  it.each([
    [700, 1, 2.9902269751245024e-154],
    [1500, 199, 3.648225995329756e-198],
    [700, 300, 5.267054393745559e-34],
    [3000, 1000, 1.643684584356954e-198],
    [2500, 900, 1.785623408484864e-150],
  ])('of %f with %i degrees equals SciPy to nine digits', (x, degrees, expected) => {
    expectClose(chiSquareSurvival(x, degrees), expected);
  });

  it('is 1 at 0 and without degrees of freedom', () => {
    expect(chiSquareSurvival(0, 3)).toBe(1);
    expect(chiSquareSurvival(5, 0)).toBe(1);
  });
});

describe('fisherSurvival', () => {
  it('equals SciPy', () => {
    expectClose(fisherSurvival(500, 9, 200), 6.250192057495907e-132);
    expectClose(fisherSurvival(10, 9, 200), 1.2210310615751726e-12);
  });

  it('is 1 where there is nothing to compare', () => {
    expect(fisherSurvival(0, 1, 5)).toBe(1);
    expect(fisherSurvival(3, 0, 5)).toBe(1);
    expect(fisherSurvival(3, 1, 0)).toBe(1);
  });
});

describe('binomial tails', () => {
  it('equal SciPy', () => {
    expectClose(binomialAtLeast(31, 99, 0.01), 3.216045929141797e-33);
    expectClose(binomialAtMost(500, 4500, 0.1667), 1.2805754918337544e-41);
  });

  it('are certain at their ends', () => {
    expect(binomialAtLeast(0, 10, 0.3)).toBe(1);
    expect(binomialAtMost(10, 0, 0.3)).toBe(1);
  });
});

describe('rateDifference', () => {
  it('sees no difference between equal rates', () => {
    expect(rateDifference({ events: 50, rows: 500 }, { events: 10, rows: 100 })).toBe(1);
  });

  it('sees a rate that doubled', () => {
    expect(rateDifference({ events: 500, rows: 5000 }, { events: 200, rows: 1000 })).toBeLessThan(1e-10);
  });

  it('says nothing without rows', () => {
    expect(rateDifference({ events: 0, rows: 0 }, { events: 5, rows: 10 })).toBe(1);
  });
});

it('twoSidedNormal and gammaSurvival are the tails of the textbook', () => {
  expect(twoSidedNormal(-1.959963984540054)).toBeCloseTo(0.05, 12);
  expect(gammaSurvival(3, 1)).toBeCloseTo(Math.exp(-3), 12);
});
