import type { Observation } from '../../shared/observation.ts';
import { lnOddsEvidence, lnOddsOfRatio, oddsInformation, type PairedCounts } from './conditional-odds.ts';
import { addDoubt, type Doubt, FULL_DOUBT } from './doubt.ts';
import { addEvidence, startEvidence } from './evidence.ts';

/**
 * Multiples of the tolerated ratio that are bet on: a doubling (2 → 4 %), an order of magnitude (0.1 → 1 %)
 * and a crash, where practically every failure is the candidate's.
 */
const MULTIPLES = [1.8, 6, 300] as const;
const STAKES = [0.55, 0.4, 0.05] as const;
const CRASH = MULTIPLES.length - 1;

/**
 * The rise that promotion must have excluded: 1.8 times what the owner accepts (a doubling by default), or the
 * acceptable rate on top of the incumbent's where that is more.
 */
const EXCLUDED_MULTIPLE = 1.8;

/** With hardly any failures a ratio beyond this says no more than the absolute rate does. */
const LARGEST_EXCLUDED = 10;

/** A rate this far below the acceptable one is what the absolute doubt compares with. */
const COMFORTABLE_PART = 0.4;

/** More failures than explained, by so many standard deviations and events, are a burst and not chance. */
const CHANCE_SDS = 2;
const CHANCE_EVENTS = 2;

/**
 * With all the traffic there is nothing to compare with, and only a crash can be told: more than half failing
 * against nearly all failing. Below that a minute without incumbent requests says nothing: an outage of both
 * would look like a crash of the candidate in it.
 */
const LN_CRASH_FAILURE = Math.log(0.98 / 0.5);
const LN_CRASH_SUCCESS = Math.log(0.02 / 0.5);

export interface ErrorGuardState {
  readonly evidence: readonly number[];
  /** Of a rate too high relative to the incumbent's, and of one above the acceptable absolute rate. */
  readonly doubt: Doubt;
  readonly absoluteDoubt: Doubt;
  readonly candidate: readonly [requests: number, errors: number];
  readonly incumbent: readonly [requests: number, errors: number];
}

export interface ErrorTolerance {
  readonly maxRatio: number;
  readonly acceptableAbsolute: number;
}

export function startErrorGuard(): ErrorGuardState {
  return {
    evidence: startEvidence(STAKES),
    doubt: FULL_DOUBT,
    absoluteDoubt: FULL_DOUBT,
    candidate: [0, 0],
    incumbent: [0, 0],
  };
}

/** One minute of requests and failures of both versions. */
export function watchErrors(
  state: ErrorGuardState,
  candidate: Observation,
  incumbent: Observation,
  tolerance: ErrorTolerance,
  maxMinutes: number,
  hasAllTraffic: boolean,
): ErrorGuardState {
  const counts: PairedCounts = {
    candidateTrials: candidate.requests,
    candidateEvents: candidate.errors,
    incumbentTrials: incumbent.requests,
    incumbentEvents: incumbent.errors,
  };
  // One failure more than seen: a young rate of zero must not make the first real failures look like a burst.
  const baseRate = Math.min(1, (state.incumbent[1] + 1) / (state.incumbent[0] + 1));
  const added = 1 + (tolerance.acceptableAbsolute * state.incumbent[0]) / Math.max(state.incumbent[1], 0.1);
  const excluded = Math.min(LARGEST_EXCLUDED, Math.max(tolerance.maxRatio * EXCLUDED_MULTIPLE, added));
  const lnExcluded = lnOddsOfRatio(counts, 1 + (excluded - 1) * calmPart(counts, baseRate, excluded));
  const isCalm = calmPart(counts, baseRate, excluded) === 1;
  const lnAbsolute = isCalm ? lnAbsoluteRatio(candidate, tolerance.acceptableAbsolute) : 0;
  const lnRatios = hasAllTraffic
    ? lnCrashRatios(counts)
    : lnErrorRatios(counts, tolerance.maxRatio, baseRate);
  return {
    evidence: addEvidence(state.evidence, STAKES, lnRatios, maxMinutes),
    doubt: addDoubt(state.doubt, lnOddsEvidence(counts, lnExcluded, 0), oddsInformation(counts, lnExcluded)),
    absoluteDoubt: addDoubt(state.absoluteDoubt, lnAbsolute, 0),
    candidate: [state.candidate[0] + candidate.requests, state.candidate[1] + candidate.errors],
    incumbent: [state.incumbent[0] + incumbent.requests, state.incumbent[1] + incumbent.errors],
  };
}

function lnCrashRatios(counts: PairedCounts): number[] {
  const succeeded = counts.candidateTrials - counts.candidateEvents;
  const lnCrash = counts.candidateEvents * LN_CRASH_FAILURE + succeeded * LN_CRASH_SUCCESS;
  return MULTIPLES.map((_, k) => (k === CRASH ? lnCrash : 0));
}

function lnErrorRatios(counts: PairedCounts, maxRatio: number, baseRate: number): number[] {
  const lnNull = lnOddsOfRatio(counts, maxRatio);
  return MULTIPLES.map((multiple) => {
    const part = calmPart(counts, baseRate, maxRatio * multiple);
    return lnOddsEvidence(counts, lnOddsOfRatio(counts, maxRatio * (1 + (multiple - 1) * part)), lnNull);
  });
}

/**
 * A candidate's own failures come on top of a shared burst and are not multiplied by it: a bet on "twice as
 * many" would be lost in every burst. So the bet shrinks when the minute has more failures than the incumbent's
 * past rate and the bet itself explain. Only the minute's total and the past enter: the bet stays fair.
 */
function calmPart(counts: PairedCounts, baseRate: number, ratio: number): number {
  const events = counts.candidateEvents + counts.incumbentEvents;
  const explained = baseRate * (counts.incumbentTrials + ratio * counts.candidateTrials);
  const limit = explained + CHANCE_SDS * Math.sqrt(explained) + CHANCE_EVENTS;
  return events <= limit ? 1 : explained / events;
}

function lnAbsoluteRatio(candidate: Observation, acceptable: number): number {
  const high = Math.min(acceptable, 0.999);
  const low = high * COMFORTABLE_PART;
  const succeeded = candidate.requests - candidate.errors;
  return candidate.errors * Math.log(high / low) + succeeded * Math.log((1 - high) / (1 - low));
}
