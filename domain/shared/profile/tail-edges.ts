import type { FarEdge } from './profile.ts';
import { quantile } from './quantile.ts';

/** Fewer values than this say too little of a tail: at 200 the model below rests on ten of them. */
const MIN_VALUES = 200;
const TAIL_SHARE = 0.05;
const MAX_TAIL_VALUES = 200;
/** A far value is one of which a sample a hundred times as large would hold one. */
const RARITY = 100;

/**
 * The value above which the reference's own tail leaves room for one row in `100 n`: a generalised Pareto tail
 * over the top 5 %, fitted by probability-weighted moments (Hosking & Wallis 1987), its shape raised by two
 * standard errors so that heavy tails are given the benefit of the doubt. Never nearer than half the range
 * beyond the maximum. Null when the sample is too small or has no tail.
 */
export function fitFarHigh(sorted: Float64Array): FarEdge | null {
  const n = sorted.length;
  if (n < MIN_VALUES) return null;
  const k = Math.min(MAX_TAIL_VALUES, Math.floor(n * TAIL_SHARE));
  const threshold = sorted[n - k - 1]!;
  const max = sorted[n - 1]!;
  const fit = fitPareto(sorted, n - k, threshold);
  const share = 1 / (RARITY * n);
  const beyond = fit === null ? 0 : paretoQuantile(fit, share / (k / n));
  const value = Math.max(threshold + beyond, max + (max - quantile(sorted, 0.5)) / 2);
  return value > max ? { value, share } : null;
}

/** The same below the minimum. */
export function fitFarLow(sorted: Float64Array): FarEdge | null {
  const edge = fitFarHigh(sorted.map((value) => -value).reverse());
  return edge === null ? null : { value: -edge.value, share: edge.share };
}

interface ParetoFit {
  readonly shape: number;
  readonly scale: number;
}

function fitPareto(sorted: Float64Array, from: number, threshold: number): ParetoFit | null {
  const k = sorted.length - from;
  let mean = 0;
  let weighted = 0;
  for (let i = 0; i < k; i++) {
    const excess = sorted[from + i]! - threshold;
    mean += excess / k;
    weighted += (excess * (1 - (i + 0.65) / k)) / k;
  }
  const denominator = mean - 2 * weighted;
  if (!(mean > 0) || !(denominator > 0)) return null;
  const shape = 2 - mean / denominator;
  const generous = Math.max(0, shape) + 2 / Math.sqrt(k);
  return { shape: generous, scale: (2 * mean * weighted) / denominator };
}

function paretoQuantile({ shape, scale }: ParetoFit, exceedance: number): number {
  return (scale / shape) * (exceedance ** -shape - 1);
}
