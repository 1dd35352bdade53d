import { sortDoubles } from './sort-doubles.ts';

/**
 * Quantile by linear interpolation, as NumPy computes it to the last bit: a value equal to an edge must fall
 * on the same side here as in the tools that people compare with. `sorted` ascends and is not empty.
 */
export function quantile(sorted: Float64Array, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.min(Math.floor(position), sorted.length - 1);
  const lower = sorted[below]!;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const fraction = position - below;
  const step = upper - lower;
  return fraction >= 0.5 ? upper - step * (1 - fraction) : lower + step * fraction;
}

/** The inner quantiles k/parts of a sorted, non-empty sample, without repeats, ascending. */
export function innerQuantiles(sorted: Float64Array, parts: number): number[] {
  const edges: number[] = [];
  for (let k = 1; k < parts; k++) {
    const edge = quantile(sorted, k / parts);
    if (edges.length === 0 || edge > edges[edges.length - 1]!) edges.push(edge);
  }
  return edges;
}

/** How many of the sorted values are ≤ x. */
export function countUpTo(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The finite values, ascending. */
export function sortedFinite(values: Float64Array): Float64Array {
  const finite = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // False for NaN and for infinities.
    if (value - value === 0) finite[count++] = value;
  }
  return sortDoubles(finite.subarray(0, count));
}
