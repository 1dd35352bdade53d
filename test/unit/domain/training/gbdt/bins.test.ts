import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignBins, findBinEdges, MISSING_BIN } from '../../../../../domain/training/gbdt/bins.ts';

function binsOf(values: Float32Array, edges: Float32Array): Uint8Array {
  const bins = new Uint8Array(values.length);
  assignBins(values, edges, bins, 0, 1);
  return bins;
}

describe('findBinEdges', () => {
  it('gives each value its own bin when there are few', () => {
    const values = Float32Array.of(3, 1, 2, 1, Number.NaN);

    const edges = findBinEdges(values, 255);

    expect([...edges]).toEqual([1.5, 2.5]);
    expect([...binsOf(values, edges)]).toEqual([2, 0, 1, 0, MISSING_BIN]);
  });

  it('spreads many values evenly', () => {
    const values = Float32Array.from({ length: 100_000 }, (_, i) => Math.sqrt(i));

    const bins = binsOf(values, findBinEdges(values, 100));
    const counts = new Array<number>(100).fill(0);
    for (const bin of bins) counts[bin]! += 1;

    expect(Math.min(...counts)).toBeGreaterThan(900);
    expect(Math.max(...counts)).toBeLessThan(1100);
  });

  it('keeps a heavy value apart from its neighbours', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => (i < 5000 ? 0 : i - 7500));

    const edges = findBinEdges(values, 16);
    const bins = binsOf(Float32Array.of(-1, 0, 1), edges);

    expect(new Set(bins).size).toBe(3);
  });

  it('has no edges for a column without values', () => {
    expect(findBinEdges(Float32Array.of(Number.NaN, Number.NaN), 255)).toHaveLength(0);
  });

  it('puts every value on the side of the float32 threshold that its bin says', () => {
    const anyFloat = fc.float({ noNaN: true });
    fc.assert(
      fc.property(
        fc.array(anyFloat, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 2, max: 255 }),
        (list, maxBins) => {
          const values = Float32Array.from(list);
          const edges = findBinEdges(values, maxBins);
          const bins = binsOf(values, edges);

          expect(edges.length).toBeLessThan(maxBins);
          bins.forEach((bin, row) => {
            edges.forEach((edge, b) => {
              expect(bin <= b).toBe(values[row]! <= edge);
            });
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});
