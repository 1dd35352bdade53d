import type { DriftVerdict } from './drift-report.ts';
import { isAtLeast } from './overall-verdict.ts';

/** How often drift must be seen before it is told. */
export interface PersistenceRule {
  /** Windows that must drift … */
  readonly breaches: number;
  /** … among this many latest ones. */
  readonly windows: number;
  /** Least verdict that counts as drift. */
  readonly level: DriftVerdict;
}

/** A verdict is already corrected for chance, so one window is enough unless the owner wants more patience. */
export const DEFAULT_PERSISTENCE: PersistenceRule = { breaches: 1, windows: 1, level: 'MODERATE' };

/**
 * Whether drift persists, from verdicts with the newest last. Windows with too little data say nothing and are
 * passed over; the newest window must drift itself, so that what is over raises nothing.
 */
export function isPersistent(verdicts: readonly DriftVerdict[], rule: PersistenceRule): boolean {
  const told = verdicts.filter((verdict) => verdict !== 'INSUFFICIENT_DATA').slice(-rule.windows);
  const newest = told[told.length - 1];
  if (newest === undefined || !isAtLeast(newest, rule.level)) return false;
  return told.filter((verdict) => isAtLeast(verdict, rule.level)).length >= rule.breaches;
}
