import type { ClassificationOutcomes, Outcomes, RegressionOutcomes } from '../../shared/observation.ts';
import { lnOddsEvidence, lnOddsOfRatio, oddsInformation, type PairedCounts } from './conditional-odds.ts';
import { addDoubt, type Doubt, FULL_DOUBT } from './doubt.ts';
import { addEvidence, startEvidence } from './evidence.ts';

/** Multiples of the tolerated odds of a wrong answer that are bet on: accuracy 0.7 → 0.6 up to 0.95 → 0.8. */
const LN_WRONG_MULTIPLES = [Math.log(1.35), Math.log(2), Math.log(5)] as const;

/** Multiples of the tolerated mean absolute error that are bet on: +30 %, +60 %, more than double. */
const ERROR_MULTIPLES = [1.18, 1.45, 2.2] as const;
const STAKES = [0.5, 0.35, 0.15] as const;

/** Rises that promotion must have excluded: beyond the tolerance, 8.5 points of accuracy or 18 % of error. */
const EXCLUDED_WRONG_POINTS = 0.085;
const EXCLUDED_ERROR_MULTIPLE = 1.18;

/** Below this rate of wrong answers 8.5 points would be a multiple that no minute's few labels resolve. */
const LOWEST_WRONG_RATE = 0.02;

/** Where both are nearly always right, fewer wrong answers than this are shown instead of a ratio. */
const ACCEPTABLE_WRONG = 0.02;

/** Third cumulant of absolute errors against their standard deviation: exponential 2, half-normal 1. */
const SKEW_SCALE = 2 / 3;

/** Incumbent labels from which their variance is trusted to within a quarter. */
const LEAST_LABELS_FOR_VARIANCE = 30;

/** Count of labels, sum of badness (wrong answers or |error|), sum of its squares. */
export type LabelTotals = readonly [count: number, sum: number, squares: number];

export interface QualityGuardState {
  readonly evidence: readonly number[];
  readonly doubt: Doubt;
  readonly absoluteDoubt: Doubt;
  readonly candidate: LabelTotals;
  readonly incumbent: LabelTotals;
}

export interface QualityTolerance {
  readonly maxWrongRatio: number;
  readonly maxAbsErrorRatio: number;
}

export function startQualityGuard(): QualityGuardState {
  return {
    evidence: startEvidence(STAKES),
    doubt: FULL_DOUBT,
    absoluteDoubt: FULL_DOUBT,
    candidate: [0, 0, 0],
    incumbent: [0, 0, 0],
  };
}

/** Labels of both versions that arrived in one minute. */
export function watchQuality(
  state: QualityGuardState,
  candidate: Outcomes | null,
  incumbent: Outcomes | null,
  tolerance: QualityTolerance,
  maxMinutes: number,
): QualityGuardState {
  const next = {
    ...state,
    candidate: addLabels(state.candidate, candidate),
    incumbent: addLabels(state.incumbent, incumbent),
  };
  if (candidate?.kind === 'classification' && incumbent?.kind === 'classification') {
    return watchWrongAnswers(next, candidate, incumbent, tolerance.maxWrongRatio, maxMinutes);
  }
  if (candidate?.kind === 'regression' && incumbent?.kind === 'regression') {
    return watchAbsErrors(next, candidate, incumbent, tolerance.maxAbsErrorRatio, maxMinutes);
  }
  return next;
}

function watchWrongAnswers(
  state: QualityGuardState,
  candidate: ClassificationOutcomes,
  incumbent: ClassificationOutcomes,
  maxRatio: number,
  maxMinutes: number,
): QualityGuardState {
  const counts: PairedCounts = {
    candidateTrials: countLabels(candidate),
    candidateEvents: candidate.fp + candidate.fn,
    incumbentTrials: countLabels(incumbent),
    incumbentEvents: incumbent.fp + incumbent.fn,
  };
  const lnNull = lnOddsOfRatio(counts, maxRatio);
  const lnRatios = LN_WRONG_MULTIPLES.map((lnMultiple) =>
    lnOddsEvidence(counts, lnNull + lnMultiple, lnNull),
  );
  const past = describeLabels(state.incumbent).mean;
  const wrongRate = Math.max(past, LOWEST_WRONG_RATE);
  const excluded = lnOddsOfRatio(counts, maxRatio + EXCLUDED_WRONG_POINTS / wrongRate);
  const right = counts.candidateTrials - counts.candidateEvents;
  const low = ACCEPTABLE_WRONG / 4;
  const lnAbsolute =
    counts.candidateEvents * Math.log(ACCEPTABLE_WRONG / low) +
    right * Math.log((1 - ACCEPTABLE_WRONG) / (1 - low));
  return {
    ...state,
    evidence: addEvidence(state.evidence, STAKES, lnRatios, maxMinutes),
    doubt: addDoubt(state.doubt, lnOddsEvidence(counts, excluded, 0), oddsInformation(counts, excluded)),
    absoluteDoubt: addDoubt(state.absoluteDoubt, lnAbsolute, 0),
  };
}

/**
 * Only sums of |error| and of its square are known, so the test is asymptotic: the minute's difference of means
 * against the incumbent's variance, with a sub-gamma bound (Howard et al. 2020) for the skewness of |error|.
 */
function watchAbsErrors(
  state: QualityGuardState,
  candidate: RegressionOutcomes,
  incumbent: RegressionOutcomes,
  maxRatio: number,
  maxMinutes: number,
): QualityGuardState {
  const { mean, variance } = describeLabels(state.incumbent);
  if (candidate.count === 0 || incumbent.count === 0) return state;
  if (variance <= 0) return candidate.abs_error_sum > 0 ? state : halveDoubt(state);
  // A variance from few labels is too often far too small, and one such minute's bet would last.
  if (state.incumbent[0] < LEAST_LABELS_FOR_VARIANCE) return state;
  const sd = Math.sqrt(variance);
  const effective = (candidate.count * incumbent.count) / (candidate.count + incumbent.count);
  const candidateMean = candidate.abs_error_sum / candidate.count;
  const incumbentMean = incumbent.abs_error_sum / incumbent.count;
  const excess = (effective * (candidateMean / maxRatio - incumbentMean)) / sd;
  const incumbentShare = incumbent.count / (candidate.count + incumbent.count);
  const lnRatios = ERROR_MULTIPLES.map((multiple) => {
    const strength = Math.min(1, ((multiple - 1) * mean) / sd);
    return (
      strength * excess - (strength ** 2 * effective) / (2 * (1 - strength * incumbentShare * SKEW_SCALE))
    );
  });
  const excluded = ((maxRatio * EXCLUDED_ERROR_MULTIPLE - 1) * mean) / sd;
  const lnDoubt = excluded * effective * ((candidateMean - incumbentMean) / sd - excluded / 2);
  return {
    ...state,
    evidence: addEvidence(state.evidence, STAKES, lnRatios, maxMinutes),
    doubt: addDoubt(state.doubt, lnDoubt, (excluded ** 2 * effective) / 2),
  };
}

/** Two versions that are exactly right minute after minute leave no scale to measure by, and no harm. */
function halveDoubt(state: QualityGuardState): QualityGuardState {
  return { ...state, doubt: addDoubt(state.doubt, Math.log(0.5), 0) };
}

/** Mean and variance of badness over all labels so far. */
export function describeLabels([count, sum, squares]: LabelTotals): { mean: number; variance: number } {
  if (count === 0) return { mean: Number.NaN, variance: 0 };
  const mean = sum / count;
  return { mean, variance: Math.max(0, squares / count - mean * mean) };
}

function addLabels(totals: LabelTotals, outcomes: Outcomes | null): LabelTotals {
  if (outcomes === null) return totals;
  const [count, sum, squares] = totals;
  if (outcomes.kind === 'regression') {
    return [count + outcomes.count, sum + outcomes.abs_error_sum, squares + outcomes.abs_error_sq_sum];
  }
  const wrong = outcomes.fp + outcomes.fn;
  return [count + countLabels(outcomes), sum + wrong, squares + wrong];
}

function countLabels(outcomes: ClassificationOutcomes): number {
  return outcomes.tp + outcomes.fp + outcomes.tn + outcomes.fn;
}
