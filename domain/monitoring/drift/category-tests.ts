import type { CategoricalProfile } from '../../shared/profile/profile.ts';
import type { CategoricalSketch } from '../sketch.ts';
import { binomialAtLeast } from '../statistics/probability.ts';
import type { ColumnCounts } from './column-counts.ts';
import { type DriftEvidence, describeP } from './drift-evidence.ts';
import { CATEGORY_BANDS, NEW_CATEGORY_BANDS, sizeOf } from './effect-size.ts';
import { formatShare } from './format-number.ts';
import { type Inflation, inflatedRateDifference, inflationAt } from './inflation.ts';

/** A category counts as a test only when its rows could give a p-value below e^−16, about 1e-7. */
const REACHABLE_LOG = 16;

/** That of the most erratic category: which one comes next is not known. */
export function categoryInflation(profile: CategoricalProfile, counts: ColumnCounts): Inflation {
  return inflationAt(profile.spread, counts.currentPresent, (spread) =>
    Math.max(spread.body, spread.category),
  );
}

/** Whether one category came, went, grew or shrank; null when no category has rows enough to tell. */
export function testCategories(profile: CategoricalProfile, counts: ColumnCounts): DriftEvidence | null {
  const inflation = categoryInflation(profile, counts);
  const share = counts.currentPresent / (counts.currentPresent + counts.referencePresent);
  const reachable = REACHABLE_LOG / -Math.log(Math.min(share, 1 - share));
  let tested = 0;
  let best: CategoryChange | null = null;
  for (const [i, [value, reference]] of profile.values.entries()) {
    const current = counts.q[i]!;
    if ((reference + current) / inflation.factor < reachable) continue;
    tested++;
    const change: CategoryChange = {
      value,
      before: reference / counts.referencePresent,
      after: current / counts.currentPresent,
      pValue: inflatedRateDifference(
        { events: reference, rows: counts.referencePresent },
        { events: current, rows: counts.currentPresent },
        inflation,
      ),
    };
    if (best === null || isStronger(change, best)) best = change;
  }
  return best === null ? null : describeCategory(best, tested);
}

/** A change that matters comes before one that does not; then the one with more evidence. */
function isStronger(a: CategoryChange, b: CategoryChange): boolean {
  const [aMatters, bMatters] = [a, b].map((change) => sizeOf(gapOf(change), CATEGORY_BANDS) !== 'NONE');
  return aMatters === bMatters ? a.pValue < b.pValue : aMatters === true;
}

interface CategoryChange {
  readonly value: string;
  readonly before: number;
  readonly after: number;
  readonly pValue: number;
}

function gapOf({ before, after }: CategoryChange): number {
  return Math.abs(after - before);
}

function describeCategory(change: CategoryChange, tested: number): DriftEvidence {
  const pValue = Math.min(1, change.pValue * tested);
  const effect = gapOf(change);
  return {
    test: 'categories',
    effect,
    pValue,
    size: sizeOf(effect, CATEGORY_BANDS),
    sentence:
      `The share of '${change.value}' went from ${formatShare(change.before)} to ` +
      `${formatShare(change.after)} (${describeP(pValue)}).`,
  };
}

/**
 * Whether values appear that the profile does not name, more often than a window of the same world would show:
 * the expected share of values never seen is that of values seen once (Good-Turing), not 0.
 */
export function testNewCategories(
  profile: CategoricalProfile,
  sketch: CategoricalSketch,
  counts: ColumnCounts,
): DriftEvidence | null {
  if (counts.unseen === 0) return null;
  const { factor } = categoryInflation(profile, counts);
  const unnamed = profile.other + profile.singletons;
  const share = counts.currentPresent / (counts.currentPresent + counts.referencePresent);
  const pValue = binomialAtLeast(counts.unseen / factor, (unnamed + 1) / factor, share);
  const expected = unnamed / counts.referencePresent;
  const seen = counts.unseen / counts.currentPresent;
  const effect = Math.max(0, seen - expected);
  return {
    test: 'newCategories',
    effect,
    pValue,
    size: sizeOf(effect, NEW_CATEGORY_BANDS),
    sentence:
      `${formatShare(seen)} of the rows have a value that the reference does not name ` +
      `(${describeNew(sketch)}), ${formatShare(expected)} were to be expected (${describeP(pValue)}).`,
  };
}

const SHOWN = 3;

function describeNew(sketch: CategoricalSketch): string {
  const ranked = [...sketch.unseen].sort((a, b) => b[1] - a[1]);
  const shown = ranked.slice(0, SHOWN).map(([value]) => `'${value}'`);
  const more = ranked.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
