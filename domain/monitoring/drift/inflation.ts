import type { Spread } from '../../shared/profile/profile.ts';

/** How much more a window of this size varies than independent rows, and how many chunks say so. */
export interface Inflation {
  readonly factor: number;
  /** Chunks less one: the evidence behind the factor; null when rows count as independent. */
  readonly degrees: number | null;
}

const INDEPENDENT: Inflation = { factor: 1, degrees: null };

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
  return { factor: 1 + (excess * rows) / nearest.rows, degrees: nearest.chunks - 1 };
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
