import { findBin } from '../shared/profile/bin-lookup.ts';
import type { CategoricalSketch, ColumnSketch, NumericSketch, Sketch } from './sketch.ts';

/** Unseen values that a sketch remembers by name; more are counted only. */
const MAX_UNSEEN = 50;
/** A longer value is cut: names are kept to be shown, not to be joined on. */
const MAX_UNSEEN_LENGTH = 64;

/**
 * Counts rows whose values are in the order of the profile's columns; null, undefined, NaN and infinities are
 * missing. Predictions and scores, when given, are one per row.
 */
export function addRows(
  sketch: Sketch,
  rows: readonly (readonly unknown[])[],
  predictions?: readonly unknown[],
  scores?: readonly unknown[],
): void {
  for (let i = 0; i < rows.length; i++) {
    addRow(sketch, rows[i]!);
    if (sketch.prediction !== null && predictions !== undefined) addValue(sketch.prediction, predictions[i]);
    if (sketch.score !== null && scores !== undefined) addValue(sketch.score, scores[i]);
  }
}

function addRow(sketch: Sketch, row: readonly unknown[]): void {
  const { columns, rowScores, pairSums } = sketch;
  const joint = sketch.profile.joint;
  sketch.rows += 1;
  for (let i = 0; i < columns.length; i++) {
    const bin = addValue(columns[i]!, row[i]);
    if (joint !== undefined) rowScores[i] = joint.scores[i]![bin] ?? 0;
  }
  if (joint === undefined) return;
  const { pairs } = joint;
  for (let k = 0; k < pairs.length; k++) {
    const pair = pairs[k]!;
    pairSums[k]! += rowScores[pair.a]! * rowScores[pair.b]!;
  }
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
  const { counts, limits } = column;
  const bin = findBin(column.bins, value);
  counts[bin]! += 1;
  if (value < limits.min) {
    column.below += 1;
    if (value < limits.farLow) column.farLow += 1;
  } else if (value > limits.max) {
    column.above += 1;
    if (value > limits.farHigh) column.farHigh += 1;
  }
  const deviation = value - limits.mean;
  column.sum += deviation;
  column.squares += deviation * deviation;
  if (value < column.min) column.min = value;
  if (value > column.max) column.max = value;
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
