import { findBin } from '../shared/profile/bin-lookup.ts';
import { tailDepth } from '../shared/profile/tail-model.ts';
import {
  BLOCK_ROWS,
  type CategoricalSketch,
  type ColumnSketch,
  DEPTH,
  MAX,
  MIN,
  type NumericSketch,
  type Sketch,
  SQUARES,
  SUM,
} from './sketch.ts';

/** Unseen values that a sketch remembers by name; more are counted only. */
const MAX_UNSEEN = 50;
/** A longer value is cut: names are kept to be shown, not to be joined on. */
const MAX_UNSEEN_LENGTH = 64;
const NO_SCORES: readonly number[] = [];

/**
 * Counts rows whose values are in the order of the profile's columns; null, undefined, NaN and infinities are
 * missing. Predictions and scores, when given, are one per row. Many rows a call are cheaper than many calls:
 * a block goes column by column, so that a column's bins stay in the processor's first cache.
 */
export function addRows(
  sketch: Sketch,
  rows: readonly (readonly unknown[])[],
  predictions?: readonly unknown[],
  scores?: readonly unknown[],
): void {
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    addBlock(sketch, rows, from, Math.min(rows.length, from + BLOCK_ROWS));
  }
  if (sketch.prediction !== null && predictions !== undefined) addValues(sketch.prediction, predictions);
  if (sketch.score !== null && scores !== undefined) addValues(sketch.score, scores);
  sketch.rows += rows.length;
}

function addBlock(sketch: Sketch, rows: readonly (readonly unknown[])[], from: number, to: number): void {
  const { columns, blockScores } = sketch;
  const joint = sketch.profile.joint;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const binScores = joint?.scores[i] ?? NO_SCORES;
    const offset = i * BLOCK_ROWS;
    for (let row = from; row < to; row++) {
      const bin = addValue(column, rows[row]![i]);
      blockScores[offset + row - from] = bin >= 0 ? (binScores[bin] ?? 0) : 0;
    }
  }
  addPairs(sketch, to - from);
}

/** Adds the products of the scores of the block's first rows. */
export function addPairs({ pairSums, pairMembers, blockScores }: Sketch, length: number): void {
  for (let k = 0; k < pairSums.length; k++) {
    const a = pairMembers[2 * k]! * BLOCK_ROWS;
    const b = pairMembers[2 * k + 1]! * BLOCK_ROWS;
    let sum = 0;
    for (let row = 0; row < length; row++) sum += blockScores[a + row]! * blockScores[b + row]!;
    pairSums[k]! += sum;
  }
}

function addValues(column: ColumnSketch, values: readonly unknown[]): void {
  for (let i = 0; i < values.length; i++) addValue(column, values[i]);
}

/** Counts one value; returns its bin, -1 when it has none. */
function addValue(column: ColumnSketch, value: unknown): number {
  if (column.kind === 'numeric') {
    if (typeof value === 'number') return addNumber(column, value);
    if (typeof value === 'boolean') return addNumber(column, value ? 1 : 0);
    if (typeof value === 'bigint') return addNumber(column, Number(value));
    if (value === null || value === undefined) column.missing += 1;
    else column.wrongType += 1;
    return -1;
  }
  return addCategory(column, value);
}

export function addNumber(column: NumericSketch, value: number): number {
  // Also false for NaN.
  if (!(value - value === 0)) {
    column.missing += 1;
    return -1;
  }
  const { counts, limits, moments } = column;
  const bin = findBin(column.bins, value);
  counts[bin]! += 1;
  if (value < limits.min) {
    column.below += 1;
    if (limits.lowerTail !== null) moments[DEPTH]! += tailDepth(limits.lowerTail, -limits.min, -value);
  } else if (value > limits.max) {
    column.above += 1;
    if (limits.upperTail !== null) moments[DEPTH]! += tailDepth(limits.upperTail, limits.max, value);
  }
  const deviation = value - limits.mean;
  moments[SUM]! += deviation;
  moments[SQUARES]! += deviation * deviation;
  if (value < moments[MIN]!) moments[MIN] = value;
  if (value > moments[MAX]!) moments[MAX] = value;
  return bin;
}

function addCategory(column: CategoricalSketch, value: unknown): number {
  if (value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))) {
    column.missing += 1;
    return -1;
  }
  if (typeof value === 'object') {
    column.wrongType += 1;
    return -1;
  }
  const text = String(value);
  const position = column.positions.get(text);
  if (position === undefined) {
    addUnseen(column, text, 1);
    return -1;
  }
  column.counts[position]! += 1;
  return position;
}

export function addUnseen(column: CategoricalSketch, text: string, count: number): void {
  const name = text.length > MAX_UNSEEN_LENGTH ? text.slice(0, MAX_UNSEEN_LENGTH) : text;
  const known = column.unseen.get(name);
  if (known !== undefined || column.unseen.size < MAX_UNSEEN) column.unseen.set(name, (known ?? 0) + count);
  else column.unseenOther += count;
}
