import { createBinLookup, findBin } from '../../shared/profile/bin-lookup.ts';
import type { NumericProfile } from '../../shared/profile/profile.ts';
import { MAX, MIN, type NumericSketch, SQUARES, SUM } from '../sketch.ts';

/** A change of unit that maps the baseline's values to the window's: scale × x + shift. */
interface Conversion {
  readonly description: string;
  readonly factor: number;
  readonly shift: number;
  /** Weights and distances are never below zero: a delay that spreads is not in kilometres. */
  readonly fromZero?: boolean;
}

export interface UnitChange {
  readonly description: string;
  readonly factor: number;
}

const CONVERSIONS: readonly Conversion[] = [
  ...[1000, 1 / 1000, 100, 1 / 100, 60, 1 / 60, 3600, 1 / 3600, 1e6, 1e-6].map((factor) => ({
    description: factor > 1 ? `times ${Math.round(factor)}` : `divided by ${Math.round(1 / factor)}`,
    factor,
    shift: 0,
  })),
  { description: 'in Fahrenheit instead of Celsius', factor: 1.8, shift: 32 },
  { description: 'in Celsius instead of Fahrenheit', factor: 1 / 1.8, shift: -32 / 1.8 },
  { description: 'in pounds instead of kilograms', factor: 2.20462, shift: 0, fromZero: true },
  { description: 'in kilograms instead of pounds', factor: 1 / 2.20462, shift: 0, fromZero: true },
  { description: 'in kilometres instead of miles', factor: 1.609344, shift: 0, fromZero: true },
  { description: 'in miles instead of kilometres', factor: 1 / 1.609344, shift: 0, fromZero: true },
];

/** A converted window must lie this near to the baseline, and this many times nearer than unconverted. */
const NEAR = 0.25;
const NEARER = 4;
const MIN_ROWS = 30;

/**
 * Recognises a window that is the baseline in another unit, by its mean and its spread together: a drift moves
 * the mean by its own measure, a unit moves both by one that people use. Null when nothing fits clearly.
 */
export function findUnitChange(profile: NumericProfile, sketch: NumericSketch): UnitChange | null {
  const rows = sketch.counts.reduce((sum, count) => sum + count, 0);
  if (rows < MIN_ROWS || !profile.sd || profile.mean === null) return null;
  const mean = profile.mean + sketch.moments[SUM]! / rows;
  const variance = sketch.moments[SQUARES]! / rows - (sketch.moments[SUM]! / rows) ** 2;
  const sd = Math.sqrt(Math.max(0, variance));
  const unconverted = distanceTo(profile, mean, sd);
  const hasNegatives = (profile.min ?? 0) < 0 || sketch.moments[MIN]! < 0;
  const possible = CONVERSIONS.filter(({ fromZero }) => fromZero !== true || !hasNegatives);
  const fits = possible
    .map((conversion) => ({
      conversion,
      distance: distanceTo(profile, (mean - conversion.shift) / conversion.factor, sd / conversion.factor),
    }))
    .filter(({ conversion }) => keepsRange(profile, sketch, conversion));
  const best = fits.reduce<(typeof fits)[number] | null>(
    (nearest, fit) => (nearest === null || fit.distance < nearest.distance ? fit : nearest),
    null,
  );
  if (best === null || best.distance > NEAR || best.distance * NEARER > unconverted) return null;
  return { description: best.conversion.description, factor: best.conversion.factor };
}

/** Differences of the mean in standard deviations and of the spread in its logarithm. */
function distanceTo(profile: NumericProfile, mean: number, sd: number): number {
  if (!(sd > 0)) return Number.POSITIVE_INFINITY;
  return Math.max(Math.abs(mean - profile.mean!) / profile.sd!, Math.abs(Math.log(sd / profile.sd!)));
}

/** Converted back, the extremes must not all fall into one bin of the baseline. */
function keepsRange(profile: NumericProfile, sketch: NumericSketch, { factor, shift }: Conversion): boolean {
  const lookup = createBinLookup(profile.edges);
  const back = (value: number) => findBin(lookup, (value - shift) / factor);
  return back(sketch.moments[MIN]!) < back(sketch.moments[MAX]!);
}
