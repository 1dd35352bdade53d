import { contingencyChiSquare, poolBins, sumGroups, sumOf } from './contingency.ts';
import type { Spread } from './profile.ts';
import { rankShift } from './ridit.ts';

/** Fewer chunks say nothing about how much chunks differ (NannyML warns below six as well). */
export const MIN_CHUNKS = 6;
const MAX_CHUNKS = 400;
const MIN_CHUNK_ROWS = 30;
/** Chunk counts that are tried when the caller does not name the windows to come. */
const DEFAULT_CHUNKS = [8, 24, 72] as const;
const MIN_EXPECTED = 5;
/** Standard normal value that a sum of squares must pass (p < 1e-3) before rows count as dependent. */
const DEPENDENCE_Z = 3.09;

/** A column's bins in the order of time, and whether bins are neighbours. */
export interface BinnedColumn {
  readonly codes: Int32Array;
  readonly bins: number;
  readonly ordered: boolean;
  /** The values themselves, in the same order, when the column is numeric. */
  readonly values?: Float64Array;
}

/** Chunk sizes, ascending, whose spread is worth measuring. */
export function chunkSizes(rows: number, windowRows?: number): number[] {
  const counts = new Set<number>(DEFAULT_CHUNKS);
  if (windowRows !== undefined && windowRows > 0) {
    counts.add(Math.min(MAX_CHUNKS, Math.max(MIN_CHUNKS, Math.floor(rows / windowRows))));
  }
  return [...counts]
    .filter((count) => Math.floor(rows / count) >= MIN_CHUNK_ROWS)
    .map((count) => Math.floor(rows / count))
    .sort((a, b) => a - b);
}

/** Compares each chunk with all the other rows, never with itself. */
export function measureSpread(column: BinnedColumn, chunkRows: number): Spread {
  const chunks = Math.floor(column.codes.length / chunkRows);
  const counts = countChunks(column, chunkRows, chunks);
  const totals = sumChunks(counts, column.bins + 1);
  const squares: Squares = { body: [], bodyDegrees: 0, location: 0, missing: 0 };
  for (const chunk of counts) {
    const rest = totals.map((total, bin) => total - chunk[bin]!);
    addChunk(squares, column, chunk, rest);
  }
  return {
    rows: chunkRows,
    chunks,
    body: inflation(sumOf(squares.body), squares.bodyDegrees),
    bodyDegrees: effectiveDegrees(squares.body, squares.bodyDegrees / chunks),
    location: inflation(squares.location, chunks),
    missing: inflation(squares.missing, chunks),
    outside: column.values === undefined ? 0 : mostOutside(column.values, chunkRows, chunks),
  };
}

interface Squares {
  readonly body: number[];
  bodyDegrees: number;
  location: number;
  missing: number;
}

function addChunk(squares: Squares, column: BinnedColumn, chunk: Float64Array, rest: Float64Array): void {
  const present = chunk.subarray(0, column.bins);
  const presentRest = rest.subarray(0, column.bins);
  const groups = poolBins(presentRest, present, MIN_EXPECTED, column.ordered);
  const { statistic, degreesOfFreedom } = contingencyChiSquare(
    sumGroups(presentRest, groups),
    sumGroups(present, groups),
  );
  squares.body.push(statistic);
  squares.bodyDegrees += degreesOfFreedom;
  if (column.ordered) squares.location += rankShift(presentRest, present) ** 2;
  squares.missing += missingSquare(chunk, rest, column.bins);
}

/** Satterthwaite's: twice the squared mean of the statistics by their variance. */
function effectiveDegrees(statistics: readonly number[], degrees: number): number {
  const mean = sumOf(statistics) / statistics.length;
  const variance = statistics.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (statistics.length - 1);
  return variance > 0 ? Math.max(1, Math.min(degrees, (2 * mean * mean) / variance)) : degrees;
}

/** Squared z of the chunk's missing rate against the rest's. */
function missingSquare(chunk: Float64Array, rest: Float64Array, bins: number): number {
  const tables = [rest, chunk].map((counts) => {
    const missing = counts[bins]!;
    return [missing, counts.reduce((sum, count) => sum + count, 0) - missing];
  });
  return contingencyChiSquare(tables[0]!, tables[1]!).statistic;
}

/**
 * Mean square where it is clearly above what independent rows give, else 1: noise must not cost power.
 */
export function inflation(squares: number, degrees: number): number {
  if (degrees === 0) return 1;
  const mean = squares / degrees;
  // Wilson and Hilferty's cube root makes a mean square nearly normal.
  const z = (Math.cbrt(mean) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees));
  return z > DEPENDENCE_Z ? mean : 1;
}

function countChunks(column: BinnedColumn, chunkRows: number, chunks: number): Float64Array[] {
  return Array.from({ length: chunks }, (_, chunk) => {
    const counts = new Float64Array(column.bins + 1);
    for (let row = chunk * chunkRows; row < (chunk + 1) * chunkRows; row++) {
      const code = column.codes[row]!;
      counts[code < 0 ? column.bins : code]! += 1;
    }
    return counts;
  });
}

function sumChunks(chunks: readonly Float64Array[], length: number): Float64Array {
  const totals = new Float64Array(length);
  for (const chunk of chunks) for (let bin = 0; bin < length; bin++) totals[bin]! += chunk[bin]!;
  return totals;
}

/** Most rows of one chunk that lie outside the range of all the others. */
function mostOutside(values: Float64Array, chunkRows: number, chunks: number): number {
  const lows = new Float64Array(chunks).fill(Number.POSITIVE_INFINITY);
  const highs = new Float64Array(chunks).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < chunks * chunkRows; row++) {
    const value = values[row]!;
    if (!Number.isFinite(value)) continue;
    const chunk = Math.floor(row / chunkRows);
    if (value < lows[chunk]!) lows[chunk] = value;
    if (value > highs[chunk]!) highs[chunk] = value;
  }
  // Only the chunk that holds an extreme can lie outside all the others.
  const lowest = lows.indexOf(lows.reduce((a, b) => Math.min(a, b)));
  const highest = highs.indexOf(highs.reduce((a, b) => Math.max(a, b)));
  const range = (except: number) => [
    lows.reduce((low, value, i) => (i === except ? low : Math.min(low, value)), Number.POSITIVE_INFINITY),
    highs.reduce((high, value, i) => (i === except ? high : Math.max(high, value)), Number.NEGATIVE_INFINITY),
  ];
  const count = (chunk: number) => {
    const [low, high] = range(chunk);
    let outside = 0;
    for (let row = chunk * chunkRows; row < (chunk + 1) * chunkRows; row++) {
      if (values[row]! < low! || values[row]! > high!) outside++;
    }
    return outside;
  };
  return Math.max(lowest < 0 ? 0 : count(lowest), highest < 0 ? 0 : count(highest));
}
