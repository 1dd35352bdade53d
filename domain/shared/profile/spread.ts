import { type Chunk, meanChunkRows } from './chunk.ts';
import { contingencyChiSquare, poolBins, sumGroups, sumOf } from './contingency.ts';
import type { Spread } from './profile.ts';
import { rankShift, shapePart } from './ridit.ts';

const MIN_EXPECTED = 5;
/** Standard normal value that a sum of squares must pass (p < 1e-3) before rows count as dependent. */
const DEPENDENCE_Z = 3.09;
/** The same for the largest of some hundred categories (p < 4e-6). */
const ANY_CATEGORY_Z = 4.5;

/** A column's bins in the order of time, and whether bins are neighbours. */
export interface BinnedColumn {
  readonly codes: Int32Array;
  readonly bins: number;
  readonly ordered: boolean;
  /** The values themselves, in the same order, when the column is numeric. */
  readonly values?: Float64Array;
}

/** Compares each chunk with all the other rows, never with itself. */
export function measureSpread(column: BinnedColumn, chunks: readonly Chunk[]): Spread {
  const counts = chunks.map((chunk) => countChunk(column, chunk));
  const totals = sumChunks(counts, column.bins + 1);
  const squares: Squares = {
    body: [],
    bodyDegrees: 0,
    location: 0,
    missing: 0,
    categories: new Float64Array(column.ordered ? 0 : column.bins),
  };
  for (const chunk of counts) {
    const rest = totals.map((total, bin) => total - chunk[bin]!);
    addChunk(squares, column, chunk, rest);
  }
  return {
    rows: meanChunkRows(chunks),
    chunks: chunks.length,
    body: inflation(sumOf(squares.body), squares.bodyDegrees),
    bodyDegrees: effectiveDegrees(squares.body, squares.bodyDegrees / chunks.length),
    location: inflation(squares.location, chunks.length),
    missing: inflation(squares.missing, chunks.length),
    category: mostErratic(squares.categories, totals, chunks.length),
    outside: column.values === undefined ? 0 : mostOutside(column.values, chunks),
  };
}

/** Inflation of the category whose share differs most between chunks, of those that every chunk should hold. */
function mostErratic(squares: Float64Array, totals: Float64Array, chunks: number): number {
  return squares.reduce(
    (most, sum, bin) =>
      totals[bin]! < chunks ? most : Math.max(most, inflation(sum, chunks, ANY_CATEGORY_Z)),
    1,
  );
}

interface Squares {
  readonly body: number[];
  bodyDegrees: number;
  location: number;
  missing: number;
  readonly categories: Float64Array;
}

function addChunk(squares: Squares, column: BinnedColumn, chunk: Float64Array, rest: Float64Array): void {
  const present = chunk.subarray(0, column.bins);
  const presentRest = rest.subarray(0, column.bins);
  const groups = poolBins(presentRest, present, MIN_EXPECTED, column.ordered);
  const { statistic, degreesOfFreedom } = contingencyChiSquare(
    sumGroups(presentRest, groups),
    sumGroups(present, groups),
  );
  const shift = column.ordered ? rankShift(presentRest, present) : 0;
  squares.location += shift ** 2;
  squares.body.push(shapePart(statistic, shift));
  squares.bodyDegrees += Math.max(0, degreesOfFreedom - Number(column.ordered));
  squares.missing += shareSquare(chunk, rest, column.bins);
  for (let bin = 0; bin < squares.categories.length; bin++) {
    squares.categories[bin]! += shareSquare(present, presentRest, bin);
  }
}

/** Satterthwaite's: twice the squared mean of the statistics by their variance. */
function effectiveDegrees(statistics: readonly number[], degrees: number): number {
  const mean = sumOf(statistics) / statistics.length;
  const variance = statistics.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (statistics.length - 1);
  return variance > 0 ? Math.max(1, Math.min(degrees, (2 * mean * mean) / variance)) : degrees;
}

/** Squared z of the share of one bin in the chunk against that in the rest. */
function shareSquare(chunk: Float64Array, rest: Float64Array, bin: number): number {
  const [own, other] = [chunk[bin]!, rest[bin]!];
  if (own + other === 0) return 0;
  return contingencyChiSquare([other, sumOf(rest) - other], [own, sumOf(chunk) - own]).statistic;
}

/**
 * Mean square where it is clearly above what independent rows give, else 1: noise must not cost power.
 */
export function inflation(squares: number, degrees: number, leastZ = DEPENDENCE_Z): number {
  if (degrees === 0) return 1;
  const mean = squares / degrees;
  // Wilson and Hilferty's cube root makes a mean square nearly normal.
  const z = (Math.cbrt(mean) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees));
  return z > leastZ ? mean : 1;
}

function countChunk(column: BinnedColumn, [from, to]: Chunk): Float64Array {
  const counts = new Float64Array(column.bins + 1);
  for (let row = from; row < to; row++) {
    const code = column.codes[row]!;
    counts[code < 0 ? column.bins : code]! += 1;
  }
  return counts;
}

function sumChunks(chunks: readonly Float64Array[], length: number): Float64Array {
  const totals = new Float64Array(length);
  for (const chunk of chunks) for (let bin = 0; bin < length; bin++) totals[bin]! += chunk[bin]!;
  return totals;
}

/** Most rows of one chunk that lie outside the range of all the others. */
function mostOutside(values: Float64Array, chunks: readonly Chunk[]): number {
  const ranges = chunks.map(([from, to]) => rangeOf(values, from, to));
  // Only the chunk that holds an extreme can lie outside all the others.
  const lowest = ranges.reduce((best, range, i) => (range[0] < ranges[best]![0] ? i : best), 0);
  const highest = ranges.reduce((best, range, i) => (range[1] > ranges[best]![1] ? i : best), 0);
  return Math.max(...[lowest, highest].map((chunk) => countOutside(values, chunks[chunk]!, ranges, chunk)));
}

type Range = readonly [low: number, high: number];

function rangeOf(values: Float64Array, from: number, to: number): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let row = from; row < to; row++) {
    const value = values[row]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function countOutside(
  values: Float64Array,
  [from, to]: Chunk,
  ranges: readonly Range[],
  except: number,
): number {
  const others = ranges.filter((_, i) => i !== except);
  const low = others.reduce((least, range) => Math.min(least, range[0]), Number.POSITIVE_INFINITY);
  const high = others.reduce((most, range) => Math.max(most, range[1]), Number.NEGATIVE_INFINITY);
  let outside = 0;
  for (let row = from; row < to; row++) if (values[row]! < low || values[row]! > high) outside++;
  return outside;
}
