import type { ColumnProfile } from '../../shared/profile/profile.ts';
import { type ColumnSketch, SQUARES, SUM } from '../sketch.ts';
import type { SampleFacts } from './drift-report.ts';

/** Both sides of one column on the same bins. */
export interface ColumnCounts {
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** Rows with a value in a bin or, for categories, with any value. */
  readonly referencePresent: number;
  readonly currentPresent: number;
  /** Rows with a value that the profile does not name. */
  readonly unseen: number;
  /** Rows in all; wrong types are rows without a value. */
  readonly currentRows: number;
}

export function columnCounts(profile: ColumnProfile, sketch: ColumnSketch): ColumnCounts {
  const p = Float64Array.from(
    profile.kind === 'numeric' ? profile.counts : profile.values.map(([, count]) => count),
  );
  const unseen = countUnseen(sketch);
  const currentPresent = sketch.counts.reduce((sum, count) => sum + count, 0) + unseen;
  return {
    p,
    q: sketch.counts,
    referencePresent: profile.rows - profile.missing,
    currentPresent,
    unseen,
    currentRows: currentPresent + sketch.missing + sketch.wrongType,
  };
}

export function countUnseen(sketch: ColumnSketch): number {
  if (sketch.kind === 'numeric') return 0;
  let unseen = sketch.unseenOther;
  for (const count of sketch.unseen.values()) unseen += count;
  return unseen;
}

export function referenceFacts(profile: ColumnProfile): SampleFacts {
  const facts = sampleFacts(profile.rows, profile.missing);
  return profile.kind === 'numeric' ? { ...facts, mean: profile.mean, sd: profile.sd } : facts;
}

export function currentFacts(sketch: ColumnSketch, counts: ColumnCounts): SampleFacts {
  const facts = sampleFacts(counts.currentRows, sketch.missing + sketch.wrongType);
  if (sketch.kind === 'categorical') return facts;
  const n = counts.currentPresent;
  if (n === 0) return { ...facts, mean: null, sd: null };
  const offset = sketch.moments[SUM]! / n;
  const variance = sketch.moments[SQUARES]! / n - offset * offset;
  return { ...facts, mean: sketch.limits.mean + offset, sd: Math.sqrt(Math.max(0, variance)) };
}

function sampleFacts(rows: number, missing: number): SampleFacts {
  return { rows, missing, missingRate: rows > 0 ? missing / rows : 0 };
}
