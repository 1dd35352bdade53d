import type { DriftVerdict } from './drift-report.ts';

/** Lower bounds of MODERATE, SIGNIFICANT and SEVERE. */
export type Bands = readonly [moderate: number, significant: number, severe: number];

/**
 * PSI beyond what chance gives. 0.2 and 0.25 are the bands people know; the usual 0.1 is a shift of a third of
 * a standard deviation, too late to be told first, so MODERATE starts at 0.04 (a fifth).
 */
export const PSI_BANDS: Bands = [0.04, 0.2, 0.25];
/** The same three shifts of a normal column as gaps of its distribution function. */
export const KS_BANDS: Bands = [0.08, 0.178, 0.197];
/** Shares of rows. */
export const MISSING_BANDS: Bands = [0.02, 0.1, 0.3];
export const TAIL_BANDS: Bands = [0.003, 0.02, 0.1];
export const CATEGORY_BANDS: Bands = [0.02, 0.1, 0.25];
export const NEW_CATEGORY_BANDS: Bands = [0.01, 0.05, 0.2];
/** Differences of correlations. */
export const CORRELATION_BANDS: Bands = [0.1, 0.3, 0.6];

/** What an effect of this size is called. */
export function sizeOf(effect: number, [moderate, significant, severe]: Bands): DriftVerdict {
  if (effect >= severe) return 'SEVERE';
  if (effect >= significant) return 'SIGNIFICANT';
  return effect >= moderate ? 'MODERATE' : 'NONE';
}
