import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareColumns } from '../../../../domain/monitoring/compare-columns.ts';
import { categoryColumn, numericColumn } from '../../../../domain/shared/table.ts';

const REFERENCE = Array.from({ length: 300 }, (_, i) => Math.sin(i * i) * 10 + (i % 7));
const CURRENT = Array.from({ length: 170 }, (_, j) => Math.cos(j * j * 0.5) * 12 + (j % 5) + 1.5);
const third = (values: readonly number[]) => values.map((value) => Math.floor(value / 3));

function expectEqual(actual: object, expected: Record<string, number>, relative: number): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(actual)) {
    expect(Math.abs(value - expected[name]!), name).toBeLessThanOrEqual(relative * Math.abs(expected[name]!));
  }
}

/** Of SciPy 1.17.1 and NumPy 2.4.6, by the definitions of the API. */
describe('compareColumns equals SciPy', () => {
  it('on numbers', () => {
    const { statistics, pValues } = compareColumns(numericColumn(REFERENCE), numericColumn(CURRENT))!;

    expectEqual(
      statistics,
      {
        psi: 0.3322587121317488,
        kl: 0.16553686252250294,
        js: 0.24098059588905546,
        hellinger: 0.202177814615877,
        chi2: 34.368118085455905,
        cramersV: 0.2704138596687862,
        ks: 0.16666666666666674,
        linf: 0.16666666666666674,
        wasserstein: 0.2591125955192206,
      },
      1e-9,
    );
    expectEqual(pValues, { chi2: 7.69770607780419e-5, ks: 0.004087681278277075 }, 1e-6);
  });

  it('on numbers with many ties', () => {
    const { statistics, pValues } = compareColumns(
      numericColumn(third(REFERENCE)),
      numericColumn(third(CURRENT)),
    )!;

    expectEqual(
      statistics,
      {
        psi: 0.4232609343977574,
        kl: 0.24048787746063965,
        js: 0.2658590165056715,
        hellinger: 0.2253453662300719,
        chi2: 44.11239041995799,
        cramersV: 0.30635951075443674,
        ks: 0.15470588235294114,
        linf: 0.15470588235294114,
        wasserstein: 0.258733735773657,
      },
      1e-9,
    );
    expectEqual(pValues, { chi2: 5.41804117331447e-7, ks: 0.009603960982522069 }, 1e-6);
  });

  it('on categories, one of them new', () => {
    const repeat = (counts: Record<string, number>) =>
      categoryColumn(
        Object.entries(counts).flatMap(([value, count]) => new Array<string>(count).fill(value)),
      );

    const { statistics, pValues } = compareColumns(
      repeat({ a: 40, b: 30, c: 20, d: 10 }),
      repeat({ e: 30, d: 15, c: 10, b: 25, a: 20 }),
    )!;

    expectEqual(
      statistics,
      {
        psi: 2.6384431209513983,
        kl: 2.209205493144826,
        js: 0.4382233930456967,
        hellinger: 0.4235565669380295,
        chi2: 41.45454545454545,
        cramersV: 0.45527214638359687,
        linf: 0.3,
      },
      1e-9,
    );
    expectEqual(pValues, { chi2: 2.1640388113170056e-8 }, 1e-6);
  });
});

describe('compareColumns', () => {
  it('leaves missing values out', () => {
    const whole = compareColumns(numericColumn(REFERENCE), numericColumn(CURRENT));
    const gappy = compareColumns(
      numericColumn([null, ...REFERENCE, Number.NaN]),
      numericColumn([...CURRENT, null]),
    );

    expect(gappy).toEqual(whole);
  });

  it.each([
    ['two kinds', numericColumn([1, 2]), categoryColumn(['a'])],
    ['no numbers', numericColumn([null]), numericColumn([1])],
    ['no categories', categoryColumn(['a']), categoryColumn([null])],
  ])('has no statistics of %s', (_, reference, current) => {
    expect(compareColumns(reference, current)).toBeNull();
  });

  it('has no distance in deviations of a constant', () => {
    const compared = compareColumns(numericColumn([5, 5, 5]), numericColumn([5, 6]));

    expect(compared!.statistics.wasserstein).toBeNull();
  });

  it('finds nothing between a sample and itself', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (values) => {
        const { statistics, pValues } = compareColumns(numericColumn(values), numericColumn(values))!;

        expect(statistics.psi).toBe(0);
        expect(statistics.ks).toBe(0);
        expect(pValues.chi2).toBe(1);
      }),
    );
  });

  it('keeps distances within their ranges', () => {
    const numbers = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(numbers, numbers, (reference, current) => {
        const { statistics } = compareColumns(numericColumn(reference), numericColumn(current))!;

        for (const bounded of ['js', 'hellinger', 'ks', 'cramersV'] as const) {
          expect(statistics[bounded]).toBeGreaterThanOrEqual(0);
          expect(statistics[bounded]).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });
});
