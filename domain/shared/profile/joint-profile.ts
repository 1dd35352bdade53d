import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { type Chunk, meanChunkRows } from './chunk.ts';
import type { ColumnProfile, JointProfile, PairProfile, PairSpread } from './profile.ts';
import { riditScores } from './ridit.ts';
import { inflation } from './spread.ts';

/** Pairs that a sketch follows: 64 products a row keep its update near a microsecond. */
const MAX_PAIRS = 64;
/** Weaker pairs would add tests and no power: their loss is within the noise of a window. */
const MIN_CORRELATION = 0.1;
/** Rows that correlations are measured on; more would not change their second digit. */
const MAX_ROWS = 20_000;
const MIN_ROWS = 200;
/** Rows that a chunk's correlation needs to be one. */
const MIN_PAIR_ROWS = 20;
/** Columns that pairs are sought among: the matrix grows with the square. */
const MAX_COLUMNS = 120;
/** Keeps Fisher's z finite for columns that are copies of each other. */
export const MAX_CORRELATION = 0.995;
/**
 * Finds the columns that move together: each bin scores its normal quantile, each category the mean score of
 * the numeric column it says most about, and the strongest correlations among scores are kept. Categories are
 * scored on every other row and correlated on the rows between: on the same rows a column of unique values
 * would correlate with everything.
 *
 * `codes` are the bins of all rows, column by column, in the order of time, `cuts` the like windows. Undefined when nothing correlates.
 */
export function buildJointProfile(
  columns: readonly ColumnProfile[],
  codes: readonly Int32Array[],
  cuts: readonly (readonly Chunk[])[],
): JointProfile | undefined {
  const rows = codes[0]?.length ?? 0;
  if (rows < MIN_ROWS || columns.length < 2) return undefined;
  const step = Math.max(1, Math.floor(rows / MAX_ROWS));
  const scores = scoreColumns(columns, codes, step);
  const scored = codes.map((columnCodes, i) => scoreRows(columnCodes, scores[i]!, step));
  const sourceOf = makeSource(
    scored,
    columns.map(({ kind }) => kind === 'categorical'),
  );
  const pairs = strongestPairs(sourceOf, Math.min(columns.length, MAX_COLUMNS));
  if (pairs.length === 0) return undefined;
  const sources = pairs.map(({ a, b }) => sourceOf(a, b));
  return {
    scores: scores.map((values) => Array.from(values, (value) => Number(value.toPrecision(6)))),
    pairs,
    spread: cuts.map((chunks) => measurePairSpread(sources, pairs, chunks, rows)),
  };
}

function scoreColumns(
  columns: readonly ColumnProfile[],
  codes: readonly Int32Array[],
  step: number,
): Float64Array[] {
  const numeric = columns.map((column) => (column.kind === 'numeric' ? normalScores(column.counts) : null));
  return columns.map((column, i) => {
    if (column.kind === 'numeric') return numeric[i]!;
    return scoreCategories(column.values.length, codes[i]!, codes, numeric, step);
  });
}

function normalScores(counts: readonly number[]): Float64Array {
  return riditScores(counts).map((ridit) => normalQuantile(Math.min(0.999, Math.max(0.001, ridit)), 0, 1));
}

/** Mean score of the numeric column that differs most between the categories; all 0 when none does. */
function scoreCategories(
  categories: number,
  own: Int32Array,
  codes: readonly Int32Array[],
  numeric: readonly (Float64Array | null)[],
  step: number,
): Float64Array {
  let best: Float64Array = new Float64Array(categories);
  let bestVariance = 0;
  numeric.forEach((scores, i) => {
    if (scores === null || i >= MAX_COLUMNS) return;
    const { means, variance } = groupMeans(categories, own, codes[i]!, scores, step);
    if (variance > bestVariance) {
      best = means;
      bestVariance = variance;
    }
  });
  return best;
}

function groupMeans(
  categories: number,
  own: Int32Array,
  other: Int32Array,
  scores: Float64Array,
  step: number,
): { means: Float64Array; variance: number } {
  const sums = new Float64Array(categories);
  const counts = new Float64Array(categories);
  for (let row = 0; row < own.length; row += 2 * step) {
    const category = own[row]!;
    if (category < 0 || category >= categories || other[row]! < 0) continue;
    sums[category]! += scores[other[row]!]!;
    counts[category]! += 1;
  }
  // One row of prior at 0 keeps a category that was seen once from scoring like an extreme.
  const means = sums.map((sum, i) => sum / (counts[i]! + 1));
  const variance = means.reduce((total, mean, i) => total + mean ** 2 * counts[i]!, 0);
  return { means, variance };
}

function scoreRows(codes: Int32Array, scores: Float64Array, step: number): Float64Array {
  const scored = new Float64Array(Math.ceil(codes.length / step));
  for (let i = 0; i < scored.length; i++) scored[i] = scores[codes[i * step]!] ?? 0;
  return scored;
}

/** Standardised scores of the two columns on the rows that the pair may be measured on. */
type PairSource = readonly [a: Float64Array, b: Float64Array];

function makeSource(scored: readonly Float64Array[], categorical: readonly boolean[]) {
  const all = scored.map(standardise);
  const between = scored.map((scores) => standardise(scores.filter((_, row) => row % 2 === 1)));
  return (a: number, b: number): PairSource => {
    const rows = categorical[a] || categorical[b] ? between : all;
    return [rows[a]!, rows[b]!];
  };
}

function strongestPairs(sourceOf: (a: number, b: number) => PairSource, columns: number): PairProfile[] {
  const found: PairProfile[] = [];
  for (let a = 0; a < columns; a++) {
    for (let b = a + 1; b < columns; b++) {
      const pair = measurePair(a, b, sourceOf(a, b));
      if (Math.abs(pair.correlation) >= MIN_CORRELATION) found.push(pair);
    }
  }
  return found.sort((x, y) => Math.abs(y.correlation) - Math.abs(x.correlation)).slice(0, MAX_PAIRS);
}

function measurePair(a: number, b: number, source: PairSource): PairProfile {
  const [x, y] = source;
  const correlation = dot(x, y) / x.length;
  return { a, b, correlation, rows: x.length, variance: pairVariance(x, y, correlation) };
}

function standardise(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (sd > 0 ? (value - mean) / sd : 0));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Variance of the influence of a row on Fisher's z, floored at the bivariate normal's. */
function pairVariance(a: Float64Array, b: Float64Array, correlation: number): number {
  const r = clampCorrelation(correlation);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! * b[i]! - (r * (a[i]! ** 2 + b[i]! ** 2)) / 2) ** 2;
  return Math.max(1, sum / a.length / (1 - r * r) ** 2);
}

export function clampCorrelation(r: number): number {
  return Math.min(MAX_CORRELATION, Math.max(-MAX_CORRELATION, r));
}

function measurePairSpread(
  sources: readonly PairSource[],
  pairs: readonly PairProfile[],
  chunks: readonly Chunk[],
  rows: number,
): PairSpread {
  const inflations = pairs.map((pair, k) => pairInflation(sources[k]!, pair, chunks, pair.rows / rows));
  return { rows: meanChunkRows(chunks), chunks: chunks.length, inflations };
}

/** Mean squared z of the chunks' correlations against the whole's, where it is clearly above 1. */
function pairInflation(
  source: PairSource,
  pair: PairProfile,
  chunks: readonly Chunk[],
  share: number,
): number {
  const expected = Math.atanh(clampCorrelation(pair.correlation));
  let squares = 0;
  let measured = 0;
  for (const [from, to] of chunks) {
    const [first, last] = [Math.floor(from * share), Math.floor(to * share)];
    if (last - first < MIN_PAIR_ROWS) continue;
    const [a, b] = source.map((scores) => standardise(scores.subarray(first, last)));
    const z = Math.atanh(clampCorrelation(dot(a!, b!) / (last - first))) - expected;
    squares += (z * z * (last - first)) / pair.variance;
    measured++;
  }
  return inflation(squares, measured);
}
