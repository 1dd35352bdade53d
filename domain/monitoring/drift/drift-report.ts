/** From calm to broken; INSUFFICIENT_DATA is not calm, it is silence. */
export const DRIFT_VERDICTS = ['INSUFFICIENT_DATA', 'NONE', 'MODERATE', 'SIGNIFICANT', 'SEVERE'] as const;
export type DriftVerdict = (typeof DRIFT_VERDICTS)[number];

/** Fewer rows than this carry no verdict of their own; the sequential detector adds them up. */
export const MIN_WINDOW_ROWS = 30;

/**
 * Chance that a window without drift gets a verdict, over all its tests together: in a month of 720 hourly
 * windows one endpoint in thirty sees one false alarm.
 */
export const FALSE_ALARM_RATE = 5e-5;

/** What a test looks at; each has its own effect size, because one statistic does not see everything. */
export type DriftTestName = 'body' | 'missing' | 'tails' | 'categories' | 'newCategories' | 'joint';

/** Effect size and evidence of one test. */
export interface DriftTest {
  readonly test: DriftTestName;
  /** In the test's own unit: PSI, a share of rows, or a difference of correlations. */
  readonly effect: number;
  /** Uncorrected. */
  readonly pValue: number;
  /** Corrected over all tests of the window (Holm). */
  readonly correctedPValue: number;
  /** What the effect alone would be called. */
  readonly size: DriftVerdict;
  /** Effect and evidence together. */
  readonly verdict: DriftVerdict;
}

/** Statistics of two samples by the definitions of the API; null where they do not exist. */
export interface ColumnStatistics {
  readonly psi: number;
  readonly kl: number;
  /** Jensen-Shannon distance, base 2. */
  readonly js: number;
  readonly hellinger: number;
  /** In standard deviations of the reference; numeric columns only. */
  readonly wasserstein?: number | null;
  /** Numeric columns only. */
  readonly ks?: number;
  readonly chi2: number;
  readonly cramersV: number;
  readonly linf: number;
}

export interface ColumnPValues {
  readonly ks?: number;
  readonly chi2: number;
}

/** How far a statistic from bins can be from that of the raw rows; absent when it was made of raw rows. */
export interface StatisticErrors {
  readonly ks?: number;
  readonly linf?: number;
  /** In standard deviations of the reference. */
  readonly wasserstein?: number | null;
}

export interface SampleFacts {
  readonly rows: number;
  readonly missing: number;
  readonly missingRate: number;
  readonly mean?: number | null;
  readonly sd?: number | null;
}

export interface ColumnDrift {
  readonly column: string;
  readonly kind: 'numeric' | 'categorical';
  readonly role: 'feature' | 'prediction' | 'score';
  readonly reference: SampleFacts;
  readonly current: SampleFacts;
  /** Empty when one side has no values. */
  readonly statistics: ColumnStatistics | Record<string, never>;
  readonly pValues: ColumnPValues | Record<string, never>;
  readonly errors?: StatisticErrors;
  /** PSI that a window of this size exceeds by chance once in a thousand times, and at least 0.1. */
  readonly psiThreshold: number;
  /** Signed z of the shift in mean rank against the window's own noise: what the sequential detector sums. */
  readonly shift: number | null;
  readonly tests: readonly DriftTest[];
  readonly verdict: DriftVerdict;
  readonly reasons: readonly string[];
}

export interface PairDrift {
  readonly columns: readonly [string, string];
  readonly reference: number;
  readonly current: number;
}

/** How the columns move together: the most changed of the correlations that the profile follows. */
export interface JointDrift {
  /** Correlations followed. */
  readonly pairs: number;
  readonly largest: PairDrift | null;
  readonly tests: readonly DriftTest[];
  readonly verdict: DriftVerdict;
  readonly reasons: readonly string[];
}

export interface DriftReport {
  readonly rows: { readonly reference: number; readonly current: number };
  readonly columns: readonly ColumnDrift[];
  readonly joint: JointDrift;
  readonly verdict: DriftVerdict;
  /** Of the whole: the columns that decided, with their importance. */
  readonly reasons: readonly string[];
}
