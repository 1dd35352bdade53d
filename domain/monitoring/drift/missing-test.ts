import type { ColumnProfile } from '../../shared/profile/profile.ts';
import type { ColumnSketch } from '../sketch.ts';
import { type DriftEvidence, describeP } from './drift-evidence.ts';
import { MISSING_BANDS, sizeOf } from './effect-size.ts';
import { formatShare } from './format-number.ts';
import { inflatedRateDifference, inflationAt } from './inflation.ts';

/** Whether more or fewer rows lack the value; null when none ever did. */
export function testMissing(
  profile: ColumnProfile,
  sketch: ColumnSketch,
  currentRows: number,
): DriftEvidence | null {
  const missing = sketch.missing + sketch.wrongType;
  if (missing + profile.missing === 0) return null;
  const pValue = inflatedRateDifference(
    { events: profile.missing, rows: profile.rows },
    { events: missing, rows: currentRows },
    inflationAt(profile.spread, currentRows, (spread) => spread.missing),
  );
  const [before, after] = [profile.missing / profile.rows, missing / currentRows];
  const effect = Math.abs(after - before);
  return {
    test: 'missing',
    effect,
    pValue,
    size: sizeOf(effect, MISSING_BANDS),
    sentence:
      `The share of missing values went from ${formatShare(before)} to ${formatShare(after)} ` +
      `(${describeP(pValue)}).`,
  };
}
