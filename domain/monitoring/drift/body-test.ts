import { contingencyChiSquare, poolBins, sumGroups } from '../../shared/profile/contingency.ts';
import type { CategoricalProfile, NumericProfile } from '../../shared/profile/profile.ts';
import { rankShift, riditScores, shapePart } from '../../shared/profile/ridit.ts';
import { toShares } from '../statistics/divergences.ts';
import { kolmogorovLimit } from '../statistics/kolmogorov-limit.ts';
import { chiSquareSurvival, fisherSurvival, twoSidedNormal } from '../statistics/probability.ts';
import { compareBins, decileGroups } from './binned-statistics.ts';
import { categoryInflation } from './category-tests.ts';
import type { ColumnCounts } from './column-counts.ts';
import { type DriftEvidence, describeP } from './drift-evidence.ts';
import type { DriftVerdict } from './drift-report.ts';
import { KS_BANDS, PSI_BANDS, sizeOf } from './effect-size.ts';
import { formatNumber } from './format-number.ts';
import { type Inflation, inflatedRateDifference, inflationAt, withUncertainty } from './inflation.ts';

/** Chi-square's tail is trusted from five expected rows a bin and this many rows. */
const MIN_EXPECTED = 5;
const MIN_CHI_SQUARE_ROWS = 200;
/** More bins than this would spend the chi-square's power on noise. */
const MAX_GROUPS = 20;
/** Above this share one value is the column: ranks are then a count of the others, and are tested as one. */
const DOMINANT_SHARE = 0.7;

/** Whether the values of a numeric column moved, widened or changed their shape. */
export function testNumericBody(profile: NumericProfile, counts: ColumnCounts): DriftEvidence {
  const rows = counts.currentPresent;
  const location = inflationAt(profile.spread, rows, (spread) => spread.location);
  const shape = inflationAt(profile.spread, rows, (spread) => spread.body);
  const pValues = [testDistribution(counts, location), ...testRanks(counts, location)];
  if (rows >= MIN_CHI_SQUARE_ROWS) pValues.push(testShape(counts, shape));
  const pValue = Math.min(1, Math.min(...pValues) * pValues.length);
  const groups = decileGroups(profile);
  const excess = excessPsi(sumGroups(counts.p, groups), sumGroups(counts.q, groups), shape.factor);
  const gap = largestGap(counts);
  return {
    test: 'body',
    effect: excess,
    pValue,
    size: larger(sizeOf(excess, PSI_BANDS), sizeOf(gap, KS_BANDS)),
    sentence:
      `The values ${describeMove(counts)}: PSI ${formatNumber(Math.max(0, excess))} beyond chance, ` +
      `largest gap of the distributions ${formatNumber(gap)} (${describeP(pValue)}).`,
  };
}

/** Whether the shares of the named categories changed as a whole. */
export function testCategoricalBody(profile: CategoricalProfile, counts: ColumnCounts): DriftEvidence {
  const inflation = categoryInflation(profile, counts);
  const [p, q] = [Float64Array.of(...counts.p, profile.other), Float64Array.of(...counts.q, counts.unseen)];
  const groups = poolBins(p, q, MIN_EXPECTED, false);
  // Values never seen belong with the rare ones: what was seen once need not come back, others like it will.
  groups[groups.length - 1] = 0;
  const [pPooled, qPooled] = [sumGroups(p, groups), sumGroups(q, groups)];
  const { degreesOfFreedom, statistic } = contingencyChiSquare(pPooled, qPooled);
  const trusted = counts.currentPresent >= MIN_CHI_SQUARE_ROWS && inflation.degrees === null;
  const pValue = trusted
    ? chiSquareSurvival(statistic, degreesOfFreedom)
    : testEachGroup(pPooled, qPooled, counts, inflation);
  const excess = excessPsi(pPooled, qPooled, inflation.factor);
  return {
    test: 'body',
    effect: excess,
    pValue,
    size: sizeOf(excess, PSI_BANDS),
    sentence:
      `The shares of the categories changed: PSI ${formatNumber(Math.max(0, excess))} beyond chance ` +
      `(${describeP(pValue)}).`,
  };
}

/** Signed z of the window's mean rank against its own noise only, for detectors that add windows up. */
export function standardisedShift(profile: NumericProfile, counts: ColumnCounts): number | null {
  const { referencePresent: n, currentPresent: m } = counts;
  if (n === 0 || m === 0) return null;
  const { factor } = inflationAt(profile.spread, m, (spread) => spread.location);
  // rankShift divides by the noise of both sides; the reference's part is the same in every window.
  return (rankShift(counts.p, counts.q) * Math.sqrt((n + m) / n)) / Math.sqrt(factor);
}

/** KS on the bins: their gap is never above the raw rows', so the p-value errs to the safe side. */
function testDistribution(counts: ColumnCounts, inflation: Inflation): number {
  const { referencePresent: n, currentPresent: m } = counts;
  const gap = largestGap(counts) / Math.sqrt(inflation.factor);
  return withUncertainty(kolmogorovLimit(Math.round((n * m) / (n + m)), gap), inflation);
}

function testRanks(counts: ColumnCounts, inflation: Inflation): number[] {
  const dominant = dominantBin(counts);
  if (dominant < 0) return [normalOrT(rankShift(counts.p, counts.q), inflation)];
  const side = (values: Float64Array, from: number, to: number) =>
    values.subarray(from, to).reduce((sum, count) => sum + count, 0);
  return [
    [0, dominant],
    [dominant + 1, counts.p.length],
  ].map(([from, to]) =>
    inflatedRateDifference(
      { events: side(counts.p, from!, to!), rows: counts.referencePresent },
      { events: side(counts.q, from!, to!), rows: counts.currentPresent },
      inflation,
    ),
  );
}

function dominantBin(counts: ColumnCounts): number {
  const limit = DOMINANT_SHARE * (counts.referencePresent + counts.currentPresent);
  return counts.p.findIndex((count, bin) => count + counts.q[bin]! > limit);
}

function normalOrT(z: number, { factor, degrees }: Inflation): number {
  return degrees === null ? twoSidedNormal(z) : fisherSurvival((z * z) / factor, 1, degrees);
}

/** Chi-square less its part that is a shift: what moves all rows at once is the rank test's to judge. */
function testShape(counts: ColumnCounts, { factor, directions, degrees }: Inflation): number {
  const minimum = Math.max(
    MIN_EXPECTED,
    Math.min(counts.currentPresent, counts.referencePresent) / MAX_GROUPS,
  );
  const groups = poolBins(counts.p, counts.q, minimum, true);
  const { statistic, degreesOfFreedom } = contingencyChiSquare(
    sumGroups(counts.p, groups),
    sumGroups(counts.q, groups),
  );
  const shape = shapePart(statistic, rankShift(counts.p, counts.q));
  const own = degreesOfFreedom - 1;
  if (own <= 0) return 1;
  if (degrees === null || directions === null) return chiSquareSurvival(shape, own);
  return fisherSurvival(shape / factor / own, Math.min(directions, own), degrees);
}

/** For few rows, or rows that depend on each other: every pooled share by itself. */
function testEachGroup(p: Float64Array, q: Float64Array, counts: ColumnCounts, inflation: Inflation): number {
  const pValues = Array.from(p, (count, group) =>
    inflatedRateDifference(
      { events: count, rows: counts.referencePresent },
      { events: q[group]!, rows: counts.currentPresent },
      inflation,
    ),
  );
  return Math.min(1, Math.min(...pValues) * pValues.length);
}

/** PSI less its mean without drift, (bins − 1)·(1/n + 1/m). */
function excessPsi(p: Float64Array, q: Float64Array, factor: number): number {
  const { statistics } = compareBins(p, q);
  const bins = p.reduce((filled, count, i) => filled + Number(count + q[i]! > 0), 0);
  const noise = 1 / total(p) + 1 / total(q);
  return statistics.psi - Math.max(0, bins - 1) * noise * factor;
}

function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function largestGap({ p, q }: ColumnCounts): number {
  const [pShares, qShares] = [toShares(p), toShares(q)];
  let gap = 0;
  return pShares.reduce((largest, share, i) => {
    gap += qShares[i]! - share;
    return Math.max(largest, Math.abs(gap));
  }, 0);
}

function describeMove({ p, q }: ColumnCounts): string {
  const scores = riditScores(p);
  const shares = toShares(q);
  const mean = shares.reduce((sum, share, i) => sum + share * scores[i]!, 0);
  if (Math.abs(mean - 0.5) < 0.02) return 'changed their shape';
  return `moved ${mean > 0.5 ? 'up' : 'down'} (mean rank 0.5 → ${formatNumber(mean)})`;
}

function larger(a: DriftVerdict, b: DriftVerdict): DriftVerdict {
  const order: DriftVerdict[] = ['INSUFFICIENT_DATA', 'NONE', 'MODERATE', 'SIGNIFICANT', 'SEVERE'];
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
