import { MISSING_BIN } from './bins.ts';
import { FEATURE_STRIDE, type Histogram } from './histogram.ts';

/** What a split must respect, in the units of the round's quantized gradients. */
export interface SplitRules {
  readonly binCounts: Uint16Array;
  /** 1 for the features that this tree may use. */
  readonly allowed: Uint8Array;
  readonly countUnit: number;
  readonly minSamples: number;
  readonly minWeight: number;
  readonly l2: number;
  readonly minGain: number;
}

/** Rows with a bin ≤ `bin` go left, the others right, missing values as `missingLeft` says. */
export interface Split {
  feature: number;
  bin: number;
  missingLeft: boolean;
  gain: number;
  /** Sums of the quantized gradients of the rows that go left. */
  leftFirst: number;
  leftSecond: number;
}

/** Relative gain below which a split is an artefact of rounding: 2^-52 for each of a few operations. */
const ROUNDING = 1e-12;

/** The split with the most gain over all allowed features; the first one wins a tie. */
export function findSplit(
  histogram: Histogram,
  sumFirst: number,
  sumSecond: number,
  rules: SplitRules,
): Split | undefined {
  const parent = parentScore(sumFirst, sumSecond, rules);
  const best: Split = {
    feature: -1,
    bin: 0,
    missingLeft: false,
    gain: rules.minGain + parent * (1 + ROUNDING),
    leftFirst: 0,
    leftSecond: 0,
  };
  for (let feature = 0; feature < rules.allowed.length; feature++) {
    if (rules.allowed[feature] === 0) continue;
    const base = feature * FEATURE_STRIDE;
    const hasMissing = histogram[base + 2 * MISSING_BIN + 1]! > 0;
    scanFeature(histogram, feature, false, hasMissing, sumFirst, sumSecond, rules, best);
    if (hasMissing) scanFeature(histogram, feature, true, true, sumFirst, sumSecond, rules, best);
  }
  if (best.feature < 0) return undefined;
  best.gain -= parent;
  return best;
}

function parentScore(first: number, second: number, rules: SplitRules): number {
  return (first * first) / (Math.floor(second / rules.countUnit) + rules.l2);
}

function scanFeature(
  histogram: Histogram,
  feature: number,
  missingLeft: boolean,
  hasMissing: boolean,
  sumFirst: number,
  sumSecond: number,
  rules: SplitRules,
  best: Split,
): void {
  const { countUnit, minSamples, minWeight, l2 } = rules;
  const base = feature * FEATURE_STRIDE;
  const missing = base + 2 * MISSING_BIN;
  const total = Math.floor(sumSecond / countUnit);
  const rows = sumSecond - total * countUnit;
  // With missing values on the right, "every present value left" is a split too.
  const lastBin = rules.binCounts[feature]! - (hasMissing && !missingLeft ? 1 : 2);
  let first = missingLeft ? histogram[missing]! : 0;
  let second = missingLeft ? histogram[missing + 1]! : 0;
  for (let bin = 0, at = base; bin <= lastBin; bin++, at += 2) {
    first += histogram[at]!;
    second += histogram[at + 1]!;
    const weight = Math.floor(second / countUnit);
    const count = second - weight * countUnit;
    if (count < minSamples || weight < minWeight) continue;
    if (rows - count < minSamples || total - weight < minWeight) break;
    const otherFirst = sumFirst - first;
    const gain = (first * first) / (weight + l2) + (otherFirst * otherFirst) / (total - weight + l2);
    if (gain > best.gain) {
      best.feature = feature;
      best.bin = bin;
      best.missingLeft = missingLeft;
      best.gain = gain;
      best.leftFirst = first;
      best.leftSecond = second;
    }
  }
}
