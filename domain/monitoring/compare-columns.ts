import { createBinLookup, findBin } from '../shared/profile/bin-lookup.ts';
import { innerQuantiles, sortedFinite } from '../shared/profile/quantile.ts';
import type { CategoryColumn, Column } from '../shared/table.ts';
import { type Comparison, compareBins } from './drift/binned-statistics.ts';
import { kolmogorovSmirnov, wassersteinDistance } from './statistics/two-sample.ts';

const PSI_BINS = 10;

/**
 * Exact statistics of two columns from their raw rows: they equal SciPy's. Missing values are left out; null
 * when the columns are of two kinds or one has no values.
 */
export function compareColumns(reference: Column, current: Column): Comparison | null {
  if (reference.kind === 'numeric' && current.kind === 'numeric') {
    return compareNumericValues(sortedFinite(reference.values), sortedFinite(current.values));
  }
  if (reference.kind === 'category' && current.kind === 'category') {
    return compareCategories(reference, current);
  }
  return null;
}

/** The same from values that are sorted already. */
export function compareNumericValues(reference: Float64Array, current: Float64Array): Comparison | null {
  if (reference.length === 0 || current.length === 0) return null;
  const edges = innerQuantiles(reference, PSI_BINS);
  const binned = compareBins(countBins(reference, edges), countBins(current, edges));
  const { statistic, pValue } = kolmogorovSmirnov(reference, current);
  const sd = standardDeviation(reference);
  const distance = wassersteinDistance(reference, current);
  return {
    statistics: {
      ...binned.statistics,
      ks: statistic,
      linf: statistic,
      wasserstein: sd > 0 ? distance / sd : null,
    },
    pValues: { ...binned.pValues, ks: pValue },
  };
}

function compareCategories(reference: CategoryColumn, current: CategoryColumn): Comparison | null {
  const positions = new Map<string, number>();
  const p = countValues(reference, positions);
  const q = countValues(current, positions);
  if (p.length === 0 || q.length === 0) return null;
  return compareBins(
    Float64Array.from({ length: positions.size }, (_, i) => p[i] ?? 0),
    Float64Array.from({ length: positions.size }, (_, i) => q[i] ?? 0),
  );
}

/** Counts by position; values that were not met before get the next one. Empty when nothing is present. */
function countValues(column: CategoryColumn, positions: Map<string, number>): number[] {
  const byCode = new Float64Array(column.dictionary.length);
  for (const code of column.codes) if (code >= 0) byCode[code]! += 1;
  const counts: number[] = [];
  column.dictionary.forEach((value, code) => {
    if (byCode[code] === 0) return;
    const position = positions.get(value) ?? positions.size;
    positions.set(value, position);
    counts[position] = byCode[code]!;
  });
  return counts;
}

function countBins(sorted: Float64Array, edges: readonly number[]): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  const lookup = createBinLookup(edges);
  for (const value of sorted) counts[findBin(lookup, value)]! += 1;
  return counts;
}

/** Divided by n. */
function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
