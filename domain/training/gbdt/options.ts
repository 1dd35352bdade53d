import { type FieldError, InvalidInputError } from '../../shared/domain-error.ts';

/** What `trainGbdt` can be told. Defaults are those of scikit-learn's HistGradientBoosting where it has one. */
export interface GbdtOptions {
  /** Most trees that are grown. */
  readonly rounds: number;
  readonly learningRate: number;
  readonly maxLeaves: number;
  /** 0 is no limit. */
  readonly maxDepth: number;
  readonly minChildSamples: number;
  /** Least sum of second derivatives in a leaf. */
  readonly minChildWeight: number;
  readonly l2: number;
  /** Least gain that a split must bring. */
  readonly minGain: number;
  /** Share of rows that each tree sees, without replacement. */
  readonly rowFraction: number;
  /** Share of columns that each tree sees. */
  readonly columnFraction: number;
  /** Bins of a numeric column; missing values have one of their own beside them. */
  readonly maxBins: number;
  /** Rounds without progress on the validation rows after which growing stops; 0 never stops. */
  readonly earlyStoppingRounds: number;
  /** Rows of the overall mean that are mixed into each category's mean (LightGBM's `cat_smooth`). */
  readonly categorySmoothing: number;
  /** Integer from 0 to 2^53 - 1. */
  readonly seed: number;
}

export const DEFAULT_GBDT_OPTIONS: GbdtOptions = {
  rounds: 100,
  learningRate: 0.1,
  maxLeaves: 31,
  maxDepth: 0,
  minChildSamples: 20,
  minChildWeight: 1e-3,
  l2: 0,
  minGain: 0,
  rowFraction: 1,
  columnFraction: 1,
  maxBins: 255,
  earlyStoppingRounds: 0,
  categorySmoothing: 10,
  seed: 0,
};

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

export const GBDT_OPTION_RANGES: Readonly<Record<keyof GbdtOptions, Range>> = {
  rounds: { least: 1, most: 10_000, whole: true },
  learningRate: { least: 1e-6, most: 1 },
  maxLeaves: { least: 2, most: 1024, whole: true },
  maxDepth: { least: 0, most: 64, whole: true },
  minChildSamples: { least: 1, most: 1e9, whole: true },
  minChildWeight: { least: 0, most: 1e9 },
  l2: { least: 0, most: 1e9 },
  minGain: { least: 0, most: 1e9 },
  rowFraction: { least: 0.01, most: 1 },
  columnFraction: { least: 0.01, most: 1 },
  maxBins: { least: 2, most: 255, whole: true },
  earlyStoppingRounds: { least: 0, most: 10_000, whole: true },
  categorySmoothing: { least: 0, most: 1e9 },
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
};

/** Fills in defaults. Throws `InvalidInputError` that names each option outside its range. */
export function resolveGbdtOptions(given: Partial<GbdtOptions> = {}): GbdtOptions {
  const options = { ...DEFAULT_GBDT_OPTIONS, ...given };
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(options)) {
    const range = Object.hasOwn(GBDT_OPTION_RANGES, name)
      ? GBDT_OPTION_RANGES[name as keyof GbdtOptions]
      : undefined;
    if (range === undefined) errors.push({ path: name, message: 'is not an option of the trainer' });
    else if (!(value >= range.least && value <= range.most && (!range.whole || Number.isInteger(value)))) {
      const kind = range.whole ? 'a whole number' : 'a number';
      errors.push({ path: name, message: `must be ${kind} from ${range.least} to ${range.most}` });
    }
  }
  if (errors.length > 0) throw new InvalidInputError('The training options are not valid.', errors);
  return options;
}
