import { clampCorrelation } from '../../shared/profile/joint-profile.ts';
import type { JointProfile } from '../../shared/profile/profile.ts';
import type { ColumnSketch, Sketch } from '../sketch.ts';
import { fisherSurvival, twoSidedNormal } from '../statistics/probability.ts';
import { type DriftEvidence, describeP } from './drift-evidence.ts';
import type { PairDrift } from './drift-report.ts';
import { CORRELATION_BANDS, sizeOf } from './effect-size.ts';
import { formatNumber } from './format-number.ts';
import { nearestSpread } from './inflation.ts';

/** Below this the normal approximation of a correlation's tail is not to be trusted. */
export const MIN_JOINT_ROWS = 200;

interface PairChange extends PairDrift {
  readonly pValue: number;
}

/** Whether columns that moved together no longer do; null without pairs or with too few rows. */
export function testJoint(
  sketch: Sketch,
  ignored: ReadonlySet<string> = new Set(),
): { evidence: DriftEvidence; largest: PairDrift } | null {
  const joint = sketch.profile.joint;
  if (joint === undefined || joint.pairs.length === 0 || sketch.rows < MIN_JOINT_ROWS) return null;
  const moments = sketch.columns.map((column, i) => scoreMoments(column, joint.scores[i]!, sketch.rows));
  const changes = joint.pairs
    .map((_, k) => comparePair(sketch, joint, moments, k))
    .filter(({ columns }) => !columns.some((name) => ignored.has(name)));
  if (changes.length === 0) return null;
  const change = changes.reduce((best, next) => (isStronger(next, best) ? next : best));
  const pValue = Math.min(1, change.pValue * changes.length);
  const effect = Math.abs(change.current - change.reference);
  const evidence: DriftEvidence = {
    test: 'joint',
    effect,
    pValue,
    size: sizeOf(effect, CORRELATION_BANDS),
    sentence:
      `The correlation of '${change.columns[0]}' and '${change.columns[1]}' went from ` +
      `${formatNumber(change.reference)} to ${formatNumber(change.current)} (${describeP(pValue)}).`,
  };
  const { columns, reference, current } = change;
  return { evidence, largest: { columns, reference, current } };
}

/** A change that matters comes before one that does not; then the one with more evidence. */
function isStronger(a: PairChange, b: PairChange): boolean {
  const [aMatters, bMatters] = [a, b].map(
    ({ reference, current }) => sizeOf(Math.abs(current - reference), CORRELATION_BANDS) !== 'NONE',
  );
  return aMatters === bMatters ? a.pValue < b.pValue : aMatters === true;
}

interface Moments {
  readonly mean: number;
  readonly sd: number;
}

/** The sums of a column's scores follow from its counts; rows without a score have 0. */
function scoreMoments(column: ColumnSketch, scores: readonly number[], rows: number): Moments {
  let sum = 0;
  let squares = 0;
  for (let bin = 0; bin < scores.length; bin++) {
    sum += column.counts[bin]! * scores[bin]!;
    squares += column.counts[bin]! * scores[bin]! ** 2;
  }
  const mean = sum / rows;
  return { mean, sd: Math.sqrt(Math.max(0, squares / rows - mean * mean)) };
}

function comparePair(
  sketch: Sketch,
  joint: JointProfile,
  moments: readonly Moments[],
  index: number,
): PairChange {
  const pair = joint.pairs[index]!;
  const [a, b] = [moments[pair.a]!, moments[pair.b]!];
  const covariance = sketch.pairSums[index]! / sketch.rows - a.mean * b.mean;
  const current = a.sd > 0 && b.sd > 0 ? Math.min(1, Math.max(-1, covariance / (a.sd * b.sd))) : 0;
  const spread = nearestSpread(joint.spread, sketch.rows);
  const inflation = spread?.inflations[index] ?? 1;
  const variance = pair.variance * (inflation / sketch.rows + 1 / pair.rows);
  const z =
    (Math.atanh(clampCorrelation(current)) - Math.atanh(clampCorrelation(pair.correlation))) /
    Math.sqrt(variance);
  const names = sketch.profile.columns;
  return {
    columns: [names[pair.a]!.name, names[pair.b]!.name],
    reference: pair.correlation,
    current,
    pValue:
      spread === undefined || inflation <= 1
        ? twoSidedNormal(z)
        : fisherSurvival(z * z, 1, spread.chunks - 1),
  };
}
