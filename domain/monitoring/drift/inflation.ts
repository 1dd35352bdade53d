import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { Spread } from '../../shared/profile/profile.ts';
import { fisherSurvival, rateDifference } from '../statistics/probability.ts';

/** How much more a window of this size varies than independent rows, and how many chunks say so. */
export interface Inflation {
  readonly factor: number;
  /** Directions in which the chunks differ; null when rows count as independent. */
  readonly directions: number | null;
  /** Chunks less one: the evidence behind the factor; null when rows count as independent. */
  readonly degrees: number | null;
}

/** Below it the normal quantile has no value. */
const SMALLEST = 1e-300;
const INDEPENDENT: Inflation = { factor: 1, directions: null, degrees: null };

/**
 * Inflation at `rows` from chunks of other sizes: rows that share a cause add (rows − 1) × correlation, so the
 * excess grows in proportion with the size, from the nearest chunk size that was measured.
 */
export function inflationAt(
  spreads: readonly Spread[] | undefined,
  rows: number,
  of: (spread: Spread) => number,
): Inflation {
  const nearest = nearestSpread(spreads, rows);
  if (nearest === undefined) return INDEPENDENT;
  const excess = of(nearest) - 1;
  if (excess <= 0) return INDEPENDENT;
  return {
    factor: 1 + (excess * rows) / nearest.rows,
    directions: nearest.bodyDegrees,
    degrees: nearest.chunks - 1,
  };
}

/**
 * Two-sided p-value for the rates of two samples whose rows depend on each other: events count as so many fewer
 * independent ones, and the uncertainty of that number is Student's.
 */
export function inflatedRateDifference(
  reference: { readonly events: number; readonly rows: number },
  current: { readonly events: number; readonly rows: number },
  inflation: Inflation,
): number {
  const { factor } = inflation;
  const pValue = rateDifference(
    { events: reference.events / factor, rows: reference.rows },
    { events: current.events / factor, rows: current.rows },
  );
  return withUncertainty(pValue, inflation);
}

/** The p-value of the same z by Student's distribution, when the inflation is an estimate from chunks. */
export function withUncertainty(pValue: number, { degrees }: Inflation): number {
  if (degrees === null) return pValue;
  const z = normalQuantile(Math.max(SMALLEST, pValue / 2), 0, 1);
  return fisherSurvival(z * z, 1, degrees);
}

/** The chunk size nearest to the window's, by ratio. */
export function nearestSpread<T extends { readonly rows: number }>(
  spreads: readonly T[] | undefined,
  rows: number,
): T | undefined {
  const distance = (spread: T) => Math.abs(Math.log(spread.rows / Math.max(1, rows)));
  return spreads?.reduce<T | undefined>(
    (best, spread) => (best === undefined || distance(spread) < distance(best) ? spread : best),
    undefined,
  );
}
