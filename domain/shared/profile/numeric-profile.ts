import { createBinLookup, findBin } from './bin-lookup.ts';
import type { NumericProfile } from './profile.ts';
import { countUpTo, quantile, sortedFinite } from './quantile.ts';
import { fitLowerTail, fitUpperTail } from './tail-model.ts';

/** Fifty bins hold the KS statistic to within 2 %, and ten of them by fives are PSI's. */
export const PROFILE_BINS = 50;
const BINS_PER_DECILE = 5;

/** Describes a numeric column; NaN and infinities are missing. `sorted` are its finite values, if at hand. */
export function buildNumericProfile(
  name: string,
  values: Float64Array,
  sorted: Float64Array = sortedFinite(values),
): NumericProfile {
  const facts = { name, rows: values.length, missing: values.length - sorted.length };
  if (sorted.length === 0) return emptyNumericProfile(facts);
  const { edges, deciles } = findEdges(sorted);
  const mean = meanOf(sorted);
  return {
    kind: 'numeric',
    ...facts,
    min: sorted[0]!,
    max: sorted[sorted.length - 1]!,
    mean,
    sd: Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length),
    edges,
    deciles,
    counts: countBins(sorted, edges),
    integer: sorted.every(Number.isInteger),
    lowerTail: fitLowerTail(sorted),
    upperTail: fitUpperTail(sorted),
  };
}

function emptyNumericProfile(facts: { name: string; rows: number; missing: number }): NumericProfile {
  const nothing = { min: null, max: null, mean: null, sd: null, lowerTail: null, upperTail: null };
  return { kind: 'numeric', ...facts, ...nothing, edges: [], deciles: [], counts: [0], integer: false };
}

/**
 * Quantiles k/50; where several are one value, the reference's value just before it becomes an edge too.
 * Without it a column that is 1 in 99 % of rows would have one bin, and could fall to 0 unseen.
 */
function findEdges(sorted: Float64Array): { edges: number[]; deciles: number[] } {
  const edges: number[] = [];
  const deciles: number[] = [];
  for (let k = 1; k < PROFILE_BINS; k++) {
    const edge = quantile(sorted, k / PROFILE_BINS);
    const last = edges[edges.length - 1];
    if (last === undefined || edge > last) edges.push(edge);
    else if (last === edge) insertValueBefore(sorted, edges, deciles);
    if (k % BINS_PER_DECILE === 0 && deciles[deciles.length - 1] !== edges.length - 1) {
      deciles.push(edges.length - 1);
    }
  }
  return { edges, deciles };
}

function insertValueBefore(sorted: Float64Array, edges: number[], deciles: number[]): void {
  const atom = edges[edges.length - 1]!;
  const before = lastBelow(sorted, atom);
  const previousEdge = edges[edges.length - 2];
  if (before === undefined || (previousEdge !== undefined && before <= previousEdge)) return;
  edges.splice(edges.length - 1, 0, before);
  if (deciles[deciles.length - 1] === edges.length - 2) deciles[deciles.length - 1] = edges.length - 1;
}

function lastBelow(sorted: Float64Array, x: number): number | undefined {
  let low = 0;
  let high = countUpTo(sorted, x);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}

function countBins(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  const lookup = createBinLookup(edges);
  for (const value of sorted) counts[findBin(lookup, value)]! += 1;
  return counts;
}

/** Welford's running mean: a plain sum loses digits of large offsets such as epoch milliseconds. */
function meanOf(values: Float64Array): number {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += (values[i]! - mean) / (i + 1);
  return mean;
}
