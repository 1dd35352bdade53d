import { RefusedError } from '../../shared/domain-error.ts';

/**
 * Gradients of one round as integers inside doubles, so that sums are exact: they depend neither on the order
 * of rows nor on whether a histogram was built or subtracted from its parent's.
 *
 * `first[r]` is the first derivative times `firstScale`. `second[r]` is the second derivative times
 * `secondScale`, times `countUnit`, plus one: its sum holds the sum of second derivatives above the unit and
 * the number of rows below it. Two numbers a bin carry what otherwise takes three.
 */
export interface Gradients {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly countUnit: number;
  firstScale: number;
  secondScale: number;
}

/** Doubles hold integers up to 2^53; at this many rows 4 bits are left for a second derivative. */
const MAX_ROWS = 2 ** 24 - 1;

export function allocateGradients(rows: number): Gradients {
  if (rows > MAX_ROWS) {
    throw new RefusedError(`The built-in trainer takes at most ${MAX_ROWS} rows, got ${rows}.`);
  }
  const countUnit = 2 ** Math.ceil(Math.log2(rows + 1));
  const buffers = { first: new Float64Array(rows), second: new Float64Array(rows) };
  return { ...buffers, countUnit, firstScale: 1, secondScale: 1 };
}

/** Rounds the real derivatives that `first` and `second` hold to integers, in place. */
export function quantizeGradients(gradients: Gradients): void {
  const { first, second, countUnit } = gradients;
  const rowBits = Math.log2(countUnit);
  let firstMost = 0;
  let secondMost = 0;
  for (let row = 0; row < first.length; row++) {
    firstMost = Math.max(firstMost, Math.abs(first[row]!));
    secondMost = Math.max(secondMost, second[row]!);
  }
  gradients.firstScale = scaleTo(firstMost, 52 - rowBits);
  // Constant second derivatives (squared loss) need no resolution.
  gradients.secondScale = secondMost === 1 ? 1 : scaleTo(secondMost, 52 - 2 * rowBits);
  const { firstScale, secondScale } = gradients;
  let dither = 0.5;
  for (let row = 0; row < first.length; row++) {
    first[row] = Math.round(first[row]! * firstScale);
    // Golden-ratio dither: rows far below the largest second derivative keep the right sum instead of zero.
    dither += 0.6180339887498949;
    if (dither >= 1) dither -= 1;
    const scaled = second[row]! * secondScale;
    second[row] = (secondMost === 1 ? scaled : Math.floor(scaled + dither)) * countUnit + 1;
  }
}

/** The power of two that brings `most` into the given bits; powers of two add no rounding of their own. */
function scaleTo(most: number, bits: number): number {
  return most > 0 ? 2 ** (bits - Math.ceil(Math.log2(most))) : 1;
}
