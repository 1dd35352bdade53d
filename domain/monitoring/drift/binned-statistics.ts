import { contingencyChiSquare, sumGroups } from '../../shared/profile/contingency.ts';
import type { ColumnProfile, NumericProfile } from '../../shared/profile/profile.ts';
import { type CategoricalSketch, type ColumnSketch, MAX, MIN, type NumericSketch } from '../sketch.ts';
import {
  hellinger,
  jensenShannon,
  kullbackLeibler,
  largestShareGap,
  psi,
  toShares,
} from '../statistics/divergences.ts';
import { kolmogorovLimit } from '../statistics/kolmogorov-limit.ts';
import { chiSquareSurvival } from '../statistics/probability.ts';
import type { ColumnCounts } from './column-counts.ts';
import type { ColumnPValues, ColumnStatistics, StatisticErrors } from './drift-report.ts';

/** Statistics with their p-values and, where they come from bins, their error bounds. */
export interface Comparison {
  readonly statistics: ColumnStatistics;
  readonly pValues: ColumnPValues;
  readonly errors?: StatisticErrors;
}

/** The statistics that need bins only; p-value of the contingency table included. */
export function compareBins(p: ArrayLike<number>, q: ArrayLike<number>): Comparison {
  const [pShares, qShares] = [toShares(p), toShares(q)];
  const { statistic, degreesOfFreedom } = contingencyChiSquare(p, q);
  const total = Array.from(p, (count, i) => count + q[i]!).reduce((sum, count) => sum + count, 0);
  return {
    statistics: {
      psi: psi(pShares, qShares),
      kl: kullbackLeibler(pShares, qShares),
      js: jensenShannon(pShares, qShares),
      hellinger: hellinger(pShares, qShares),
      chi2: statistic,
      cramersV: total > 0 ? Math.sqrt(statistic / total) : 0,
      linf: largestShareGap(pShares, qShares),
    },
    pValues: { chi2: chiSquareSurvival(statistic, degreesOfFreedom) },
  };
}

/** Statistics of a window from its sketch; null when either side has no values. */
export function compareSketch(
  profile: ColumnProfile,
  sketch: ColumnSketch,
  counts: ColumnCounts,
): Comparison | null {
  if (counts.referencePresent === 0 || counts.currentPresent === 0) return null;
  if (profile.kind === 'numeric') return compareNumeric(profile, sketch as NumericSketch, counts);
  const unseen = unseenCounts(sketch as CategoricalSketch);
  return compareBins([...counts.p, profile.other, ...unseen.map(() => 0)], [...counts.q, 0, ...unseen]);
}

function unseenCounts(sketch: CategoricalSketch): number[] {
  return [...sketch.unseen.values(), sketch.unseenOther].filter((count) => count > 0);
}

/** The ten bins of PSI as sums of the profile's bins. */
export function decileGroups(profile: NumericProfile): Int32Array {
  let group = 0;
  return Int32Array.from({ length: profile.counts.length }, (_, bin) => {
    while (group < profile.deciles.length && bin > profile.deciles[group]!) group++;
    return group;
  });
}

function compareNumeric(profile: NumericProfile, sketch: NumericSketch, counts: ColumnCounts): Comparison {
  const groups = decileGroups(profile);
  const binned = compareBins(sumGroups(counts.p, groups), sumGroups(counts.q, groups));
  const gaps = cumulativeGaps(toShares(counts.p), toShares(counts.q));
  const ks = gaps.reduce((largest, gap) => Math.max(largest, Math.abs(gap)), 0);
  const effective =
    (counts.referencePresent * counts.currentPresent) / (counts.referencePresent + counts.currentPresent);
  const widths = binWidths(profile, sketch);
  const binShare = largestBin(counts);
  const scale = (distance: number) => (profile.sd! > 0 ? distance / profile.sd! : null);
  return {
    statistics: { ...binned.statistics, ks, linf: ks, wasserstein: scale(walkDistance(gaps, widths)) },
    pValues: { ...binned.pValues, ks: kolmogorovLimit(Math.round(effective), ks) },
    errors: { ks: binShare, linf: binShare, wasserstein: scale(distanceError(counts, widths)) },
  };
}

function cumulativeGaps(p: Float64Array, q: Float64Array): Float64Array {
  let gap = 0;
  return p.map((share, i) => {
    gap += q[i]! - share;
    return gap;
  });
}

/** Width of each bin; the outer ones reach to the extremes of both sides. */
function binWidths(profile: NumericProfile, sketch: NumericSketch): number[] {
  const low = Math.min(profile.min!, sketch.moments[MIN]!);
  const high = Math.max(profile.max!, sketch.moments[MAX]!);
  const bounds = [low, ...profile.edges, high];
  return profile.counts.map((_, bin) => Math.max(0, bounds[bin + 1]! - bounds[bin]!));
}

/** Area between the distribution functions when rows lie evenly within their bin. */
function walkDistance(gaps: Float64Array, widths: readonly number[]): number {
  let distance = 0;
  let before = 0;
  gaps.forEach((after, bin) => {
    const crosses = before * after < 0;
    const [a, b] = [Math.abs(before), Math.abs(after)];
    distance += widths[bin]! * (crosses ? (a * a + b * b) / (2 * (a + b)) : (a + b) / 2);
    before = after;
  });
  return distance;
}

/** Rows can lie anywhere within their bin: at most this much more or less area. */
function distanceError(counts: ColumnCounts, widths: readonly number[]): number {
  const [p, q] = [toShares(counts.p), toShares(counts.q)];
  return widths.reduce((sum, width, bin) => sum + (width * (p[bin]! + q[bin]!)) / 2, 0);
}

/** Binned distribution functions hide at most what the fuller side of a bin holds. */
function largestBin(counts: ColumnCounts): number {
  const [p, q] = [toShares(counts.p), toShares(counts.q)];
  return p.reduce((largest, share, bin) => Math.max(largest, share, q[bin]!), 0);
}
