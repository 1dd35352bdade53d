import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { ColumnProfile } from '../../shared/profile/profile.ts';
import type { ColumnCounts } from './column-counts.ts';
import { inflationAt } from './inflation.ts';

/** The value people know; it holds from a few hundred rows on. */
const FAMILIAR = 0.1;
const CERTAINTY = normalQuantile(0.999, 0, 1);

/** PSI that a window of this size passes by chance once in a thousand times, and never below 0.1. */
export function psiThreshold(profile: ColumnProfile, counts: ColumnCounts): number {
  const { referencePresent: n, currentPresent: m } = counts;
  if (n === 0 || m === 0) return FAMILIAR;
  const bins = profile.kind === 'numeric' ? profile.deciles.length + 1 : profile.values.length + 1;
  const { factor } = inflationAt(profile.spread, m, (spread) => spread.body);
  return Math.max(FAMILIAR, chiSquareQuantile(bins - 1) * (1 / n + 1 / m) * factor);
}

/** Wilson and Hilferty's quantile of the chi-square, exact to a percent: a threshold needs no more. */
function chiSquareQuantile(degrees: number): number {
  if (degrees <= 0) return 0;
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + CERTAINTY * Math.sqrt(spread)) ** 3;
}
