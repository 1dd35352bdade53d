import type { NumericProfile, Spread } from '../../shared/profile/profile.ts';
import { DEPTH, type NumericSketch } from '../sketch.ts';
import { logFactorial } from '../statistics/log-factorial.ts';
import { gammaSurvival } from '../statistics/probability.ts';
import { type DriftEvidence, describeP } from './drift-evidence.ts';
import { sizeOf, TAIL_BANDS } from './effect-size.ts';
import { formatNumber, formatShare } from './format-number.ts';
import { nearestSpread } from './inflation.ts';

/** Fewer rows than this are accidents, however far out they lie. */
const MIN_DEEP_ROWS = 3;
/** How rare the fullest chunk of the reference must be before its clusters count as usual. */
const UNUSUAL = 0.01;
const NEGLIGIBLE = 1e-12;

/**
 * Whether rows fall outside the range of the reference more often than its extremes allow, or far beyond what
 * its tails allow. The first holds for every distribution; the second sees few rows that are very far out.
 */
export function testTails(profile: NumericProfile, sketch: NumericSketch, present: number): DriftEvidence {
  const reference = profile.rows - profile.missing;
  const scale = clusterScale(nearestSpread(profile.spread, present), reference);
  const outside = sketch.below + sketch.above;
  const pOutside = outsideAtLeast(Math.floor(outside / scale), present, reference);
  const pDepth = testDepth(profile, sketch, scale);
  const pValue = Math.min(1, 2 * Math.min(pOutside, combine(pOutside, pDepth)));
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

/** Depths of rows beyond the extremes sum to a gamma variable when the tails are as the reference's. */
function testDepth(profile: NumericProfile, sketch: NumericSketch, scale: number): number {
  const rows = (profile.lowerTail ? sketch.below : 0) + (profile.upperTail ? sketch.above : 0);
  if (rows / scale < MIN_DEEP_ROWS) return 1;
  return gammaSurvival(sketch.moments[DEPTH]! / scale, rows / scale);
}

/** Fisher's combination of two independent p-values. */
function combine(a: number, b: number): number {
  const product = a * b;
  return product > 0 ? product * (1 - Math.log(product)) : 0;
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
  // Of the n + m ordered rows, j outside ones lie at the two ends: there are j + 1 ways to share them.
  let term = (k + 1) * Math.exp(logRatio(k, m, n));
  let tail = 0;
  for (let j = k; j <= m && term > tail * NEGLIGIBLE; j++) {
    tail += term;
    term *= (((j + 2) / (j + 1)) * (m - j)) / (n + m - j - 2);
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
