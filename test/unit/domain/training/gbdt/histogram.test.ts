import { describe, expect, it } from 'vitest';
import { binRows } from '../../../../../domain/training/gbdt/binned-rows.ts';
import { allocateGradients, quantizeGradients } from '../../../../../domain/training/gbdt/gradients.ts';
import {
  buildHistogram,
  HistogramPool,
  subtractHistogram,
} from '../../../../../domain/training/gbdt/histogram.ts';
import { partitionRows } from '../../../../../domain/training/gbdt/partition-rows.ts';
import { makeRandom } from '../../../../../domain/training/random.ts';

const ROWS = 500;
const random = makeRandom(11);
const columns = Array.from({ length: 6 }, () =>
  Float32Array.from({ length: ROWS }, () => (random.uniform() < 0.1 ? Number.NaN : random.below(9))),
);
const edges = columns.map(() => Float32Array.from({ length: 8 }, (_, i) => i + 0.5));
const binned = binRows(columns, edges, ROWS);

function makeGradients() {
  const gradients = allocateGradients(ROWS);
  for (let row = 0; row < ROWS; row++) {
    gradients.first[row] = random.uniform() - 0.5;
    gradients.second[row] = 10 ** (-6 * random.uniform());
  }
  return gradients;
}

describe('quantizeGradients', () => {
  it('keeps sums of both derivatives and the number of rows', () => {
    const gradients = makeGradients();
    const first = gradients.first.reduce((sum, value) => sum + value, 0);
    const second = gradients.second.reduce((sum, value) => sum + value, 0);

    quantizeGradients(gradients);
    const packed = gradients.second.reduce((sum, value) => sum + value, 0);
    const weight = Math.floor(packed / gradients.countUnit);

    expect(gradients.first.reduce((sum, value) => sum + value, 0) / gradients.firstScale).toBeCloseTo(
      first,
      6,
    );
    expect(weight / gradients.secondScale / second).toBeCloseTo(1, 6);
    expect(packed - weight * gradients.countUnit).toBe(ROWS);
  });

  it('refuses more rows than its integers can count', () => {
    expect(() => allocateGradients(2 ** 24)).toThrow('at most 16777215 rows');
  });
});

describe('buildHistogram', () => {
  it('gets a child from parent and sibling without any rounding', () => {
    const gradients = makeGradients();
    quantizeGradients(gradients);
    const pool = new HistogramPool(binned.wordsPerRow);
    const order = Uint32Array.from({ length: ROWS }, (_, row) => row);
    const parent = pool.take();
    buildHistogram(parent, binned, gradients, order, 0, ROWS);
    const split = { feature: 5, bin: 3, missingLeft: true };
    const middle = partitionRows(binned, order, new Uint32Array(ROWS), 0, ROWS, split);

    const left = pool.take();
    const right = pool.take();
    buildHistogram(left, binned, gradients, order, 0, middle);
    buildHistogram(right, binned, gradients, order, middle, ROWS);
    subtractHistogram(parent, left);

    expect(middle).toBeGreaterThan(0);
    expect(parent).toEqual(right);
  });
});

describe('partitionRows', () => {
  it('keeps the order of rows on both sides and sends missing values where told', () => {
    const order = Uint32Array.from({ length: ROWS }, (_, row) => row);

    const middle = partitionRows(binned, order, new Uint32Array(ROWS), 0, ROWS, {
      feature: 2,
      bin: 4,
      missingLeft: false,
    });

    const isLeft = (row: number) => columns[2]![row]! <= 4.5;
    expect([...order.subarray(0, middle)]).toEqual([...Array(ROWS).keys()].filter(isLeft));
    expect([...order.subarray(middle)]).toEqual([...Array(ROWS).keys()].filter((row) => !isLeft(row)));
  });
});
