import { type BinLookup, createBinLookup } from '../shared/profile/bin-lookup.ts';
import type {
  CategoricalProfile,
  ColumnProfile,
  NumericProfile,
  Profile,
  TailModel,
} from '../shared/profile/profile.ts';

/** Rows that are counted column by column at a time: 64 rows of 50 values fit into a first-level cache. */
export const BLOCK_ROWS = 64;

/**
 * Positions in a numeric sketch's moments. Deviations are from the baseline's mean, so that sums keep their
 * digits; a typed array, because V8 allocates for each double written to an object's field.
 */
export const SUM = 0;
export const SQUARES = 1;
export const MIN = 2;
export const MAX = 3;
export const DEPTH = 4;

interface NumericLimits {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly lowerTail: TailModel | null;
  readonly upperTail: TailModel | null;
}

/** Counts of a numeric column of one window on the baseline's edges. */
export interface NumericSketch {
  readonly kind: 'numeric';
  readonly bins: BinLookup;
  readonly counts: Float64Array;
  missing: number;
  /** Values that were no number; they are in no bin. */
  wrongType: number;
  /** Below and above the range of the baseline; their depths by its tails are summed at `DEPTH`. */
  below: number;
  above: number;
  /** At `SUM` and `SQUARES` deviations from the baseline's mean, at `MIN` and `MAX` the range, at `DEPTH` how far out. */
  readonly moments: Float64Array;
  readonly limits: NumericLimits;
}

/** Counts of a categorical column of one window by the baseline's values. */
export interface CategoricalSketch {
  readonly kind: 'categorical';
  readonly positions: ReadonlyMap<string, number>;
  readonly counts: Float64Array;
  missing: number;
  wrongType: number;
  /** Values that the profile does not name: the first by name, the rest together. */
  readonly unseen: Map<string, number>;
  unseenOther: number;
}

export type ColumnSketch = NumericSketch | CategoricalSketch;

/** What one window held, in a few bytes a column; sketches of one profile merge. */
export interface Sketch {
  readonly profile: Profile;
  rows: number;
  readonly columns: readonly ColumnSketch[];
  readonly prediction: ColumnSketch | null;
  readonly score: ColumnSketch | null;
  /** Sums of products of scores, one per pair of the profile's joint behaviour. */
  readonly pairSums: Float64Array;
  /** Positions of the columns of each pair, one pair after the other. */
  readonly pairMembers: Int32Array;
  /** Scores of the block of rows at hand, `BLOCK_ROWS` a column. */
  readonly blockScores: Float64Array;
}

/** An empty sketch on the profile's bins. */
export function createSketch(profile: Profile): Sketch {
  return {
    profile,
    rows: 0,
    columns: profile.columns.map(createColumnSketch),
    prediction: profile.prediction ? createColumnSketch(profile.prediction) : null,
    score: profile.score ? createColumnSketch(profile.score) : null,
    pairSums: new Float64Array(profile.joint?.pairs.length ?? 0),
    pairMembers: Int32Array.from((profile.joint?.pairs ?? []).flatMap(({ a, b }) => [a, b])),
    blockScores: new Float64Array(profile.columns.length * BLOCK_ROWS),
  };
}

function createColumnSketch(profile: ColumnProfile): ColumnSketch {
  return profile.kind === 'numeric' ? createNumericSketch(profile) : createCategoricalSketch(profile);
}

function createNumericSketch(profile: NumericProfile): NumericSketch {
  return {
    kind: 'numeric',
    bins: createBinLookup(profile.edges),
    counts: new Float64Array(profile.counts.length),
    missing: 0,
    wrongType: 0,
    below: 0,
    above: 0,
    moments: Float64Array.of(0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0),
    limits: {
      mean: profile.mean ?? 0,
      min: profile.min ?? Number.NEGATIVE_INFINITY,
      max: profile.max ?? Number.POSITIVE_INFINITY,
      lowerTail: profile.lowerTail,
      upperTail: profile.upperTail,
    },
  };
}

function createCategoricalSketch(profile: CategoricalProfile): CategoricalSketch {
  return {
    kind: 'categorical',
    positions: new Map(profile.values.map(([value], position) => [value, position])),
    counts: new Float64Array(profile.values.length),
    missing: 0,
    wrongType: 0,
    unseen: new Map(),
    unseenOther: 0,
  };
}
