import type { Observation } from '../../shared/observation.ts';
import { lnOddsEvidence, lnOddsOfRatio, type PairedCounts } from './conditional-odds.ts';
import { addDoubt, addEvidence, startEvidence } from './evidence.ts';

/**
 * Multiples of the tolerated odds that are bet on: a doubling (2 → 4 %), an order of magnitude (0.1 → 1 %)
 * and a crash, where practically every failure is the candidate's.
 */
const LN_MULTIPLES = [Math.log(1.8), Math.log(6), Math.log(300)] as const;
const STAKES = [0.4, 0.3, 0.3] as const;
const CRASH = LN_MULTIPLES.length - 1;

/** The rise that promotion must have excluded: 1.8 times what the owner accepts, a doubling by default. */
const EXCLUDED_MULTIPLE = 1.8;

/** A rate this far below the acceptable one is what the absolute doubt compares with. */
const COMFORTABLE_PART = 0.25;

/** Without incumbent requests only a crash can be told: more than half failing against nearly all failing. */
const LN_CRASH_FAILURE = Math.log(0.98 / 0.5);
const LN_CRASH_SUCCESS = Math.log(0.02 / 0.5);

export interface ErrorGuardState {
  readonly evidence: readonly number[];
  /** Of a rate too high relative to the incumbent's, and of one above the acceptable absolute rate. */
  readonly doubt: number;
  readonly absoluteDoubt: number;
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
    doubt: 1,
    absoluteDoubt: 1,
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
): ErrorGuardState {
  const counts: PairedCounts = {
    candidateTrials: candidate.requests,
    candidateEvents: candidate.errors,
    incumbentTrials: incumbent.requests,
    incumbentEvents: incumbent.errors,
  };
  const excluded = lnOddsOfRatio(counts, tolerance.maxRatio * EXCLUDED_MULTIPLE);
  return {
    evidence: addEvidence(state.evidence, STAKES, lnErrorRatios(counts, tolerance.maxRatio), maxMinutes),
    doubt: addDoubt(state.doubt, lnOddsEvidence(counts, excluded, 0)),
    absoluteDoubt: addDoubt(state.absoluteDoubt, lnAbsoluteRatio(candidate, tolerance.acceptableAbsolute)),
    candidate: [state.candidate[0] + candidate.requests, state.candidate[1] + candidate.errors],
    incumbent: [state.incumbent[0] + incumbent.requests, state.incumbent[1] + incumbent.errors],
  };
}

/** Small when either the ratio or the absolute rate is shown to be acceptable. */
export function errorDoubt(state: ErrorGuardState): number {
  return Math.min(state.doubt, state.absoluteDoubt);
}

function lnErrorRatios(counts: PairedCounts, maxRatio: number): number[] {
  if (counts.incumbentTrials === 0) {
    const succeeded = counts.candidateTrials - counts.candidateEvents;
    const lnCrash = counts.candidateEvents * LN_CRASH_FAILURE + succeeded * LN_CRASH_SUCCESS;
    return LN_MULTIPLES.map((_, k) => (k === CRASH ? lnCrash : 0));
  }
  const lnNull = lnOddsOfRatio(counts, maxRatio);
  return LN_MULTIPLES.map((lnMultiple) => lnOddsEvidence(counts, lnNull + lnMultiple, lnNull));
}

function lnAbsoluteRatio(candidate: Observation, acceptable: number): number {
  const high = Math.min(acceptable, 0.999);
  const low = high * COMFORTABLE_PART;
  const succeeded = candidate.requests - candidate.errors;
  return candidate.errors * Math.log(high / low) + succeeded * Math.log((1 - high) / (1 - low));
}
