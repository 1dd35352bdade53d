import type { BinnedRows } from './binned-rows.ts';
import type { Gradients } from './gradients.ts';

/** 256 bins of two doubles: sum of `first` at 2b, sum of `second` at 2b + 1. */
export const FEATURE_STRIDE = 512;

/** Histograms of all features of a leaf, feature after feature, padded to four features a word. */
export type Histogram = Float64Array;

/** Adds the rows `order[start]` … `order[end - 1]` to a cleared histogram. */
export function buildHistogram(
  histogram: Histogram,
  binned: BinnedRows,
  gradients: Gradients,
  order: Uint32Array,
  start: number,
  end: number,
): void {
  const { words, wordsPerRow } = binned;
  const { first, second } = gradients;
  histogram.fill(0);
  for (let i = start; i < end; i++) {
    const row = order[i]!;
    const g = first[row]!;
    const h = second[row]!;
    const rowEnd = (row + 1) * wordsPerRow;
    // Bin b of the word's k-th feature is at 512 k + 2 b: the shifts leave b already doubled.
    for (let at = row * wordsPerRow, base = 0; at < rowEnd; at++, base += 4 * FEATURE_STRIDE) {
      const word = words[at]!;
      const bin0 = base + ((word & 255) << 1);
      const bin1 = base + FEATURE_STRIDE + ((word >>> 7) & 510);
      const bin2 = base + 2 * FEATURE_STRIDE + ((word >>> 15) & 510);
      const bin3 = base + 3 * FEATURE_STRIDE + ((word >>> 23) & 510);
      histogram[bin0]! += g;
      histogram[bin0 + 1]! += h;
      histogram[bin1]! += g;
      histogram[bin1 + 1]! += h;
      histogram[bin2]! += g;
      histogram[bin2 + 1]! += h;
      histogram[bin3]! += g;
      histogram[bin3 + 1]! += h;
    }
  }
}

/** Turns the parent's histogram into one child's by taking the other child's away; exact on integers. */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  for (let i = 0; i < parent.length; i++) parent[i]! -= child[i]!;
}

/** Histograms that are used again from leaf to leaf and tree to tree. */
export class HistogramPool {
  readonly #length: number;
  readonly #free: Histogram[] = [];

  constructor(wordsPerRow: number) {
    this.#length = wordsPerRow * 4 * FEATURE_STRIDE;
  }

  take(): Histogram {
    return this.#free.pop() ?? new Float64Array(this.#length);
  }

  release(histogram: Histogram): void {
    this.#free.push(histogram);
  }
}
