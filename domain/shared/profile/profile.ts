/** Readers take this version and the previous one. */
export const PROFILE_SCHEMA_VERSION = 1;

/** Most category values that a profile names one by one; the rest are counted together. */
export const MAX_CATEGORIES = 200;

/**
 * How much windows of like size differ among themselves beyond what independent rows would: 1 is independence.
 * Rows of one hour share their weather; without this every quiet hour would look like drift.
 */
export interface Spread {
  /** Rows in a chunk, on average. */
  readonly rows: number;
  /** How many chunks were compared, each with all the others and never with itself. */
  readonly chunks: number;
  /** Variance inflation of the binned distribution apart from its location: ≥ 1. */
  readonly body: number;
  /**
   * In how many directions chunks differ: the degrees of freedom of a chi-square whose mean and variance are
   * those of the chunks'. Weather that moves all rows at once has one, independent rows one per bin.
   */
  readonly bodyDegrees: number;
  /** Variance inflation of the mean rank and of the missing rate: ≥ 1. */
  readonly location: number;
  readonly missing: number;
  /** Variance inflation of the most erratic category's share: ≥ 1. */
  readonly category: number;
  /** Rows of one chunk beyond the range of all others, at most. */
  readonly outside: number;
}

interface ColumnFacts {
  readonly name: string;
  /** Rows of the reference, those where the value is missing included. */
  readonly rows: number;
  readonly missing: number;
  /** By chunk size, ascending; absent when the reference was too small to be cut. */
  readonly spread?: readonly Spread[];
  /** Share of the model's decisions that rests on the column; all equal when absent. */
  readonly importance?: number;
}

/**
 * How a tail thins out: a value beyond the extreme e is ((x + offset) / (e + offset))^(1/shape) times rarer
 * than e. For the lower tail x and e are negated.
 */
export interface TailModel {
  readonly offset: number;
  readonly shape: number;
}

/** Distribution of a numeric column; numbers are null when every value is missing. */
export interface NumericProfile extends ColumnFacts {
  readonly kind: 'numeric';
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Divided by n, not n − 1. */
  readonly sd: number | null;
  /**
   * Inner edges, at most 49: the quantiles k/50 without repeats, and where a value repeats the one before it,
   * so that the value has a bin of its own. Bin i holds edge[i−1] < x ≤ edge[i].
   */
  readonly edges: readonly number[];
  /** Positions in `edges` of the quantiles k/10 without repeats: the ten bins of PSI are sums of these. */
  readonly deciles: readonly number[];
  /** One per bin, one more than edges. */
  readonly counts: readonly number[];
  /** Every value is a whole number. */
  readonly integer: boolean;
  /** Null when the reference is too small to say what its tail looks like. */
  readonly lowerTail: TailModel | null;
  readonly upperTail: TailModel | null;
}

/** Distribution of a categorical column. */
export interface CategoricalProfile extends ColumnFacts {
  readonly kind: 'categorical';
  /** The most frequent values with their counts, falling, at most 200. */
  readonly values: readonly (readonly [value: string, count: number])[];
  /** Rows with a value that is not named in `values`, and how many such values there are. */
  readonly other: number;
  readonly otherDistinct: number;
  /** Values seen exactly once: their share is the expected share of values never seen (Good-Turing). */
  readonly singletons: number;
}

export type ColumnProfile = NumericProfile | CategoricalProfile;

/** Two columns that move together in the reference, by position in `columns`. */
export interface PairProfile {
  readonly a: number;
  readonly b: number;
  /** Correlation of the columns' scores, and the rows it was measured on. */
  readonly correlation: number;
  readonly rows: number;
  /** Variance of one row's contribution to Fisher's z: 1 for bivariate normal scores. */
  readonly variance: number;
}

/** How much the correlations of like chunks differ beyond what independent rows give. */
export interface PairSpread {
  readonly rows: number;
  readonly chunks: number;
  /** Variance inflation of Fisher's z, one per pair: ≥ 1. */
  readonly inflations: readonly number[];
}

/** Joint behaviour: what the columns score by bin, and how the scores correlate. */
export interface JointProfile {
  /** Per column, the score of each bin (numeric) or named value (categorical); missing and unseen score 0. */
  readonly scores: readonly (readonly number[])[];
  readonly pairs: readonly PairProfile[];
  readonly spread?: readonly PairSpread[];
}

/**
 * What a version saw in its reference, fixed with the version, as plain JSON: drift is measured against it and
 * the reference rows are not needed later.
 */
export interface Profile {
  readonly schemaVersion: typeof PROFILE_SCHEMA_VERSION;
  readonly rows: number;
  /** Features, in the order of the signature. */
  readonly columns: readonly ColumnProfile[];
  /** What the model answered on the reference rows. */
  readonly prediction?: ColumnProfile;
  /** Scores of the positive class; absent for regression. */
  readonly score?: ColumnProfile;
  readonly joint?: JointProfile;
}
