/** Equal bins that predictions are counted in, over the version's score range. */
export const SCORE_BINS = 20;

const EDGES_PER_DECADE = 24;
const DECADES = 4;

/** 97 upper edges of latency bins in milliseconds: 1 ms to 10 s, 24 a decade (each 10 % above the last). */
export const LATENCY_EDGES_MS: readonly number[] = Array.from(
  { length: EDGES_PER_DECADE * DECADES + 1 },
  (_, k) => 10 ** (k / EDGES_PER_DECADE),
);

/** One bin per edge and one above the last. */
export const LATENCY_BINS = LATENCY_EDGES_MS.length + 1;

/** Labels of a classification model that arrived in a minute, against what it had predicted. */
export interface ClassificationOutcomes {
  readonly kind: 'classification';
  readonly tp: number;
  readonly fp: number;
  readonly tn: number;
  readonly fn: number;
}

/** Labels of a regression model that arrived in a minute: sums of |error| and of its square. */
export interface RegressionOutcomes {
  readonly kind: 'regression';
  readonly count: number;
  readonly abs_error_sum: number;
  readonly abs_error_sq_sum: number;
}

export type Outcomes = ClassificationOutcomes | RegressionOutcomes;

/**
 * What one version did in one minute of event time: counts of that minute only. The shape is that of the
 * judge's line protocol, so that recorded windows can be replayed through it unchanged.
 */
export interface Observation {
  /** All requests, those that died without a line (INIT failure, exit, timeout) included. */
  readonly requests: number;
  /** Requests that failed, crashes included. */
  readonly errors: number;
  /** 98 counts: entry 0 is ≤ edge 0, entry k is (edge k-1, edge k], the last is above the last edge. */
  readonly latency: readonly number[];
  /** 20 counts of the predictions of requests that did not fail. */
  readonly score: readonly number[];
  /** Labels that arrived in this minute, for requests of minutes ago; null before the first. */
  readonly outcomes: Outcomes | null;
}

/** Range that the score bins divide: [0, 1] for probabilities, the baseline profile's for regression. */
export interface ScoreRange {
  readonly low: number;
  readonly high: number;
}

export const UNIT_SCORE_RANGE: ScoreRange = { low: 0, high: 1 };

/** Index of the latency bin that holds this duration; NaN and negatives count as the lowest. */
export function latencyBin(latencyMs: number): number {
  let low = 0;
  let high = LATENCY_EDGES_MS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (latencyMs > LATENCY_EDGES_MS[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the score bin; values outside the range count in the first or last bin. */
export function scoreBin(score: number, range: ScoreRange = UNIT_SCORE_RANGE): number {
  const width = range.high - range.low;
  const position = width > 0 ? Math.floor(((score - range.low) / width) * SCORE_BINS) : 0;
  return Math.min(SCORE_BINS - 1, Math.max(0, Number.isNaN(position) ? 0 : position));
}

/** Counts of latencies in the 98 bins. */
export function toLatencyHistogram(latenciesMs: Iterable<number>): number[] {
  const counts = new Array<number>(LATENCY_BINS).fill(0);
  for (const latencyMs of latenciesMs) counts[latencyBin(latencyMs)]! += 1;
  return counts;
}

/** Counts of scores in the 20 bins of the range. */
export function toScoreHistogram(scores: Iterable<number>, range: ScoreRange = UNIT_SCORE_RANGE): number[] {
  const counts = new Array<number>(SCORE_BINS).fill(0);
  for (const score of scores) counts[scoreBin(score, range)]! += 1;
  return counts;
}

/** A minute in which a version received nothing. */
export function emptyObservation(): Observation {
  return {
    requests: 0,
    errors: 0,
    latency: new Array<number>(LATENCY_BINS).fill(0),
    score: new Array<number>(SCORE_BINS).fill(0),
    outcomes: null,
  };
}

/**
 * Both observations as one minute's: for merging shards of a window, or failures counted from the platform's
 * log events into what the version logged itself. Throws when the outcomes are of two kinds.
 */
export function mergeObservations(a: Observation, b: Observation): Observation {
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    latency: a.latency.map((count, k) => count + (b.latency[k] ?? 0)),
    score: a.score.map((count, k) => count + (b.score[k] ?? 0)),
    outcomes: mergeOutcomes(a.outcomes, b.outcomes),
  };
}

function mergeOutcomes(a: Outcomes | null, b: Outcomes | null): Outcomes | null {
  if (a === null) return b;
  if (b === null) return a;
  if (a.kind === 'classification' && b.kind === 'classification') {
    return { kind: a.kind, tp: a.tp + b.tp, fp: a.fp + b.fp, tn: a.tn + b.tn, fn: a.fn + b.fn };
  }
  if (a.kind === 'regression' && b.kind === 'regression') {
    return {
      kind: a.kind,
      count: a.count + b.count,
      abs_error_sum: a.abs_error_sum + b.abs_error_sum,
      abs_error_sq_sum: a.abs_error_sq_sum + b.abs_error_sq_sum,
    };
  }
  throw new TypeError(`Cannot merge ${a.kind} outcomes with ${b.kind} outcomes.`);
}
