import { type FieldError, InvalidInputError } from '../shared/domain-error.ts';
import { GBDT_OPTION_RANGES, type GbdtOptions, resolveGbdtOptions } from './gbdt/options.ts';
import { deriveSeed, makeRandom, type Random } from './random.ts';

/** What a trial may draw for one option: from a range, or one of the listed values. */
export type Dimension =
  | { readonly low: number; readonly high: number; readonly scale: 'linear' | 'log' }
  | { readonly values: readonly number[] };

export type SearchSpace = Readonly<Partial<Record<keyof GbdtOptions, Dimension>>>;

/** One setting to try; trials do not depend on each other and can run anywhere in any order. */
export interface Trial {
  readonly index: number;
  readonly options: GbdtOptions;
}

/**
 * Around the defaults, in the order of what usually matters: step size, size of trees and leaves, then the
 * three brakes. Rounds are not searched, early stopping finds them.
 */
export const DEFAULT_SEARCH_SPACE: SearchSpace = {
  learningRate: { low: 0.03, high: 0.3, scale: 'log' },
  maxLeaves: { low: 8, high: 64, scale: 'log' },
  minChildSamples: { low: 10, high: 200, scale: 'log' },
  l2: { low: 0.01, high: 30, scale: 'log' },
  rowFraction: { low: 0.6, high: 1, scale: 'linear' },
  columnFraction: { low: 0.6, high: 1, scale: 'linear' },
};

/** Most rounds of a trial, and rounds without progress that end it. */
export const TRIAL_OPTIONS: Partial<GbdtOptions> = { rounds: 300, earlyStoppingRounds: 20 };

/**
 * Draws settings at random. The first trial is the fixed options alone, so that a search never does worse on
 * the validation rows than no search.
 *
 * @throws InvalidInputError for a space that leaves the options' ranges.
 */
export function sampleTrials(
  count: number,
  seed: number,
  space: SearchSpace = DEFAULT_SEARCH_SPACE,
  fixed: Partial<GbdtOptions> = {},
): Trial[] {
  checkSpace(space);
  const base = { ...TRIAL_OPTIONS, ...fixed };
  return Array.from({ length: count }, (_, index) => {
    const random = makeRandom(deriveSeed(seed, index));
    const drawn: Record<string, number> = {};
    for (const [name, dimension] of Object.entries(space)) {
      // Every dimension draws once whatever is fixed, so that fixing one leaves the others as they were.
      drawn[name] = draw(dimension, random, GBDT_OPTION_RANGES[name as keyof GbdtOptions].whole === true);
    }
    const trialSeed = deriveSeed(seed, count + index);
    const options = index === 0 ? { seed: trialSeed, ...base } : { ...drawn, seed: trialSeed, ...base };
    return { index, options: resolveGbdtOptions(options) };
  });
}

function draw(dimension: Dimension, random: Random, whole: boolean): number {
  if ('values' in dimension) return dimension.values[random.below(dimension.values.length)]!;
  const { low, high, scale } = dimension;
  const share = random.uniform();
  const value = scale === 'log' ? low * (high / low) ** share : low + (high - low) * share;
  return whole ? Math.round(value) : Number(value.toPrecision(6));
}

function checkSpace(space: SearchSpace): void {
  const errors: FieldError[] = [];
  for (const [name, dimension] of Object.entries(space)) {
    if (!Object.hasOwn(GBDT_OPTION_RANGES, name)) {
      errors.push({ path: `search.${name}`, message: 'is not an option of the trainer' });
      continue;
    }
    const range = GBDT_OPTION_RANGES[name as keyof GbdtOptions];
    const values = 'values' in dimension ? dimension.values : [dimension.low, dimension.high];
    const inside = values.every((value) => value >= range.least && value <= range.most);
    if (values.length === 0 || !inside) {
      errors.push({ path: `search.${name}`, message: `must lie from ${range.least} to ${range.most}` });
    }
    if (
      'low' in dimension &&
      !(dimension.low <= dimension.high && (dimension.scale === 'linear' || dimension.low > 0))
    ) {
      errors.push({ path: `search.${name}`, message: 'needs low ≤ high, and low above 0 on a log scale' });
    }
  }
  if (errors.length > 0) throw new InvalidInputError('The search space is not valid.', errors);
}
