import { addUnseen } from './add-rows.ts';
import {
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

/** Adds another sketch of the same profile into the first; throws `TypeError` when the bins differ. */
export function mergeSketches(target: Sketch, other: Sketch): Sketch {
  if (target.columns.length !== other.columns.length || target.pairSums.length !== other.pairSums.length) {
    throw new TypeError('Cannot merge sketches of two profiles.');
  }
  target.rows += other.rows;
  target.columns.forEach((column, i) => {
    mergeColumn(column, other.columns[i]!);
  });
  mergeOutput(target.prediction, other.prediction);
  mergeOutput(target.score, other.score);
  addInto(target.pairSums, other.pairSums);
  return target;
}

function mergeOutput(target: ColumnSketch | null, other: ColumnSketch | null): void {
  if (target !== null && other !== null) mergeColumn(target, other);
}

function mergeColumn(target: ColumnSketch, other: ColumnSketch): void {
  if (target.kind !== other.kind || target.counts.length !== other.counts.length) {
    throw new TypeError('Cannot merge sketches of two profiles.');
  }
  addInto(target.counts, other.counts);
  target.missing += other.missing;
  target.wrongType += other.wrongType;
  if (target.kind === 'numeric') mergeNumeric(target, other as NumericSketch);
  else mergeCategorical(target, other as CategoricalSketch);
}

function mergeNumeric(target: NumericSketch, other: NumericSketch): void {
  target.below += other.below;
  target.above += other.above;
  target.moments[SUM]! += other.moments[SUM]!;
  target.moments[SQUARES]! += other.moments[SQUARES]!;
  target.moments[DEPTH]! += other.moments[DEPTH]!;
  target.moments[MIN] = Math.min(target.moments[MIN]!, other.moments[MIN]!);
  target.moments[MAX] = Math.max(target.moments[MAX]!, other.moments[MAX]!);
}

function mergeCategorical(target: CategoricalSketch, other: CategoricalSketch): void {
  for (const [value, count] of other.unseen) addUnseen(target, value, count);
  target.unseenOther += other.unseenOther;
}

function addInto(target: Float64Array, other: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += other[i]!;
}
