import type { NumericProfile, Spread } from '../../shared/profile/profile.ts';
import type { NumericSketch } from '../sketch.ts';
import { logFactorial } from '../statistics/log-factorial.ts';
import { binomialAtLeast } from '../statistics/probability.ts';
import { type DriftEvidence, describeP } from './drift-evidence.ts';
import { sizeOf, TAIL_BANDS } from './effect-size.ts';
import { formatNumber, formatShare } from './format-number.ts';
import { nearestSpread } from './inflation.ts';

/** Fewer far rows than this are accidents, not a change. */
const MIN_FAR_ROWS = 3;
/** How rare the fullest chunk of the reference must be before its clusters count as usual. */
const UNUSUAL = 0.01;

/**
 * Whether rows fall outside the range of the reference more often than its extremes allow, or far beyond what
 * its tails allow. The first holds for every distribution; the second sees few rows that are very far out.
 */
export function testTails(profile: NumericProfile, sketch: NumericSketch, present: number): DriftEvidence {
  const reference = profile.rows - profile.missing;
  const scale = clusterScale(nearestSpread(profile.spread, present), reference);
  const outside = sketch.below + sketch.above;
  const pOutside = outsideAtLeast(Math.floor(outside / scale), present, reference);
  const pFar = testFar(profile, sketch, present, scale);
  const pValue = Math.min(1, 2 * Math.min(pOutside, pFar));
  const effect = Math.max(0, outside / present - 2 / (reference + 1));
  return {
    test: 'tails',
    effect,
    pValue,
    size: sizeOf(effect, TAIL_BANDS),
    sentence:
      `${formatShare(outside / present)} of the rows (${sketch.below} below, ${sketch.above} above) lie ` +
      `outside the reference's range ${formatNumber(profile.min!)} to ${formatNumber(profile.max!)} ` +
      `(${describeP(pValue)}).`,
  };
}

function testFar(profile: NumericProfile, sketch: NumericSketch, present: number, scale: number): number {
  const far = Math.floor((sketch.farLow + sketch.farHigh) / scale);
  const share = (profile.farLow?.share ?? 0) + (profile.farHigh?.share ?? 0);
  if (far < MIN_FAR_ROWS || share === 0) return 1;
  return binomialAtLeast(far, present - far, share);
}

/** Clusters that the reference's own chunks show count as one row each. */
function clusterScale(spread: Spread | undefined, reference: number): number {
  if (spread === undefined || spread.outside === 0) return 1;
  const usual = unusualCount(spread.rows, reference - spread.rows, UNUSUAL / spread.chunks);
  return Math.max(1, spread.outside / usual);
}

function unusualCount(rows: number, reference: number, probability: number): number {
  let count = 1;
  while (count < rows && outsideAtLeast(count, rows, reference) > probability) count++;
  return count;
}

/**
 * Probability that at least k of m rows fall outside the range of n rows of the same distribution, whatever it
 * is: beta-binomial, because the range of n rows leaves out a Beta(2, n − 1) share.
 */
export function outsideAtLeast(k: number, m: number, n: number): number {
  if (k <= 0 || n < 2) return 1;
  // Outside are k rows when k + 2 of the n + m ordered rows are cut off at the ends: (k + 1) ways to share them.
  let tail = 0;
  for (let j = k; j <= m; j++) {
    const term = (j + 1) * Math.exp(logRatio(j, m, n));
    tail += term;
    if (term < tail * 1e-12) break;
  }
  return Math.min(1, tail);
}

/** ln of C(n+m−j−2, n−2) / C(n+m, n). */
function logRatio(j: number, m: number, n: number): number {
  return (
    logFactorial(n + m - j - 2) -
    logFactorial(m - j) -
    logFactorial(n - 2) -
    (logFactorial(n + m) - logFactorial(n) - logFactorial(m))
  );
}
