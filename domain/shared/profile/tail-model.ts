import type { TailModel } from './profile.ts';
import { quantile } from './quantile.ts';

/** Fewer values than this say too little of a tail: at 200 the model rests on ten of them. */
const MIN_VALUES = 200;
const TAIL_SHARE = 0.05;
const MAX_TAIL_VALUES = 200;
/** A shape of 0.5 has no variance: no honest column of few values is that wild. */
const ASSUMED_SHAPE = 0.5;
/** Offset in distances from median to maximum: a third as scale, divided by the shape. */
const ASSUMED_SCALE = 2 / 3;

/**
 * Generalised Pareto tail over the top 5 % of sorted values, fitted by probability-weighted moments (Hosking &
 * Wallis 1987), its shape raised by two standard errors so that heavy tails are given the benefit of the doubt.
 * Null when the sample is too small or has no tail.
 */
export function fitUpperTail(sorted: Float64Array): TailModel | null {
  const k = tailLength(sorted.length);
  if (k === 0) return null;
  const tail = sorted.subarray(sorted.length - k);
  return fitTail(tail, sorted[sorted.length - k - 1]!, quantile(sorted, 0.5));
}

/** The same for the lower tail, of the negated values. */
export function fitLowerTail(sorted: Float64Array): TailModel | null {
  const k = tailLength(sorted.length);
  if (k === 0) return null;
  const tail = sorted.slice(0, k).map((value) => -value);
  return fitTail(tail.reverse(), -sorted[k]!, -quantile(sorted, 0.5));
}

function tailLength(n: number): number {
  return n < MIN_VALUES ? 0 : Math.min(MAX_TAIL_VALUES, Math.floor(n * TAIL_SHARE));
}

function fitTail(tail: Float64Array, threshold: number, median: number): TailModel | null {
  const fit = fitPareto(tail, threshold);
  if (fit === null) return assumeTail(median, tail[tail.length - 1]!);
  const shape = Math.max(0, fit.shape) + 2 / Math.sqrt(tail.length);
  return { offset: fit.scale / shape - threshold, shape };
}

/** ln of how much rarer than `extreme` the model holds `value` to be: exponential of mean 1 at most, if right. */
export function tailDepth(model: TailModel, extreme: number, value: number): number {
  return Math.log((value + model.offset) / (extreme + model.offset)) / model.shape;
}

/** When the top values are all one, as the hours of a day: a tail from the median on, heavier than normal. */
function assumeTail(median: number, max: number): TailModel | null {
  return max > median ? { offset: (max - median) * ASSUMED_SCALE - median, shape: ASSUMED_SHAPE } : null;
}

function fitPareto(tail: Float64Array, threshold: number): { shape: number; scale: number } | null {
  const k = tail.length;
  let mean = 0;
  let weighted = 0;
  for (let i = 0; i < k; i++) {
    const excess = tail[i]! - threshold;
    mean += excess / k;
    weighted += (excess * (1 - (i + 0.65) / k)) / k;
  }
  const denominator = mean - 2 * weighted;
  if (!(mean > 0) || !(denominator > 0)) return null;
  return { shape: 2 - mean / denominator, scale: (2 * mean * weighted) / denominator };
}
