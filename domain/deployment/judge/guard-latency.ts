import { lnOddsEvidence, lnTilt, type PairedCounts } from './conditional-odds.ts';
import { addDoubt, type Doubt, FULL_DOUBT } from './doubt.ts';
import { addEvidence, startEvidence } from './evidence.ts';

/** Quantiles of both versions' pooled minute at which the shares above are compared: body, then tail. */
const QUANTILES = [0.5, 0.75, 0.9, 0.95] as const;
const FIRST_TAIL = 2;

/** Odds of being above: a rise somewhat beyond the tolerance (+20 %), and a doubling. */
const LN_ODDS = [Math.log(1.35), Math.log(5)] as const;

/** Per quantile, per odds. Most on a doubling seen in the body: 25 requests must do at 20 a minute. */
const STAKES = [0.08, 0.3, 0.08, 0.25, 0.08, 0.08, 0.08, 0.05];

/**
 * Odds, on the shifted histogram, of a candidate that is one tolerance slower than the owner accepts, and of one
 * that is half a tolerance faster: a candidate exactly at the tolerance lies nearer to the second. 1.35 suits
 * log-normal spreads of 0.2 to 0.9.
 */
const LN_EXCLUDED_ODDS = Math.log(1.35);
const LN_GOOD_ODDS = -0.5 * LN_EXCLUDED_ODDS;

/**
 * Below the first edge (1 ms) nobody is told apart: that at least 95 % of the candidate's answers are there is
 * fast enough, whatever the incumbent's are. The comfortable share above it is a quarter of what p95 leaves.
 */
const FAST_TAIL = 0.05;
const COMFORTABLE_TAIL = 0.25 * FAST_TAIL;

/** Memory of the tail's shares in minutes: long enough for p95 at 20 requests a minute, short for a late turn. */
const TAIL_MEMORY = 0.9;

export interface LatencyGuardState {
  readonly evidence: readonly number[];
  readonly doubt: readonly Doubt[];
  /** Of a p95 above the first edge. */
  readonly absoluteDoubt: Doubt;
  /** Recent requests of each version, and those above the tail's cut. */
  readonly candidate: readonly [requests: number, above: number];
  readonly incumbent: readonly [requests: number, above: number];
  readonly samples: number;
}

export function startLatencyGuard(): LatencyGuardState {
  const doubt = QUANTILES.map(() => FULL_DOUBT);
  const arms = { candidate: [0, 0], incumbent: [0, 0] } as const;
  return { evidence: startEvidence(STAKES), doubt, absoluteDoubt: FULL_DOUBT, ...arms, samples: 0 };
}

/** How the guard is to read this minute. */
export interface LatencyReading {
  /** Bins that the tolerated ratio spans. */
  readonly shiftBins: number;
  /** Soon after the cold-start grace a few stragglers are expected: the tail then carries no evidence. */
  readonly tailIsSettled: boolean;
  readonly maxMinutes: number;
}

/**
 * One minute of both versions' latency. The candidate's histogram is moved down by the tolerance; if it is
 * then still exchangeable with the incumbent's, the share above any cut of the pooled minute is hypergeometric.
 */
export function watchLatency(
  state: LatencyGuardState,
  candidate: readonly number[],
  incumbent: readonly number[],
  reading: LatencyReading,
): LatencyGuardState {
  const shifted = shiftDown(candidate, reading.shiftBins);
  const cuts = cutAtQuantiles(shifted, incumbent);
  const lnRatios = cuts.flatMap((counts, k) =>
    LN_ODDS.map((lnOdds) =>
      k < FIRST_TAIL || reading.tailIsSettled ? lnOddsEvidence(counts, lnOdds, 0) : 0,
    ),
  );
  const tail = cuts[QUANTILES.length - 1]!;
  return {
    evidence: addEvidence(state.evidence, STAKES, lnRatios, reading.maxMinutes),
    doubt: state.doubt.map((doubt, k) => addCutDoubt(doubt, cuts[k]!)),
    absoluteDoubt: addFastDoubt(state.absoluteDoubt, tail.candidateTrials, shifted[0]!),
    candidate: remember(state.candidate, tail.candidateTrials, tail.candidateEvents),
    incumbent: remember(state.incumbent, tail.incumbentTrials, tail.incumbentEvents),
    samples: state.samples + tail.candidateTrials,
  };
}

/** Evidence in the body counts only while the recent tail agrees: the promise is about p95. */
export function latencyEvidence(state: LatencyGuardState): number {
  const [candidateRequests, candidateAbove] = state.candidate;
  const [incumbentRequests, incumbentAbove] = state.incumbent;
  const tailAgrees = candidateAbove * incumbentRequests > incumbentAbove * candidateRequests;
  return tailAgrees ? state.evidence.reduce((sum, value) => sum + value, 0) : 0;
}

/** The mean odds over the cuts, with the information of the last cut but one. */
export function latencyDoubt(state: LatencyGuardState): Doubt {
  const odds = state.doubt.reduce((total, [value]) => total + value, 0) / state.doubt.length;
  return [odds, state.doubt[FIRST_TAIL]![1]];
}

function addCutDoubt(doubt: Doubt, counts: PairedCounts): Doubt {
  const { candidateTrials: c, incumbentTrials: i, candidateEvents: x } = counts;
  if (c === 0 || i === 0) return doubt;
  const events = x + counts.incumbentEvents;
  const slower = lnTilt(c, i, events, LN_EXCLUDED_ODDS);
  const good = lnTilt(c, i, events, LN_GOOD_ODDS);
  const lnRatio = x * (LN_EXCLUDED_ODDS - LN_GOOD_ODDS) + good - slower;
  // Information grows with the square of the distance: here one and a half times that from odds of 1.
  const information = 2.25 * (slower - (LN_EXCLUDED_ODDS * events * c) / (c + i));
  return addDoubt(doubt, lnRatio, information);
}

function addFastDoubt(doubt: Doubt, requests: number, fast: number): Doubt {
  const lnSlow = Math.log(FAST_TAIL / COMFORTABLE_TAIL);
  const lnFast = Math.log((1 - FAST_TAIL) / (1 - COMFORTABLE_TAIL));
  return addDoubt(doubt, (requests - fast) * lnSlow + fast * lnFast, 0);
}

function shiftDown(histogram: readonly number[], bins: number): number[] {
  const shifted = histogram.slice(bins);
  let lowest = shifted[0] ?? 0;
  for (let k = 0; k < bins; k += 1) lowest += histogram[k] ?? 0;
  shifted[0] = lowest;
  for (let k = 0; k < bins; k += 1) shifted.push(0);
  return shifted;
}

/**
 * For each quantile the highest cut that has at least that share of the pooled minute above it; the lowest one,
 * above the first edge, when even that has less.
 */
function cutAtQuantiles(candidate: readonly number[], incumbent: readonly number[]): PairedCounts[] {
  const candidateTrials = sum(candidate);
  const incumbentTrials = sum(incumbent);
  const total = candidateTrials + incumbentTrials;
  const cuts: PairedCounts[] = new Array(QUANTILES.length);
  let candidateEvents = 0;
  let incumbentEvents = 0;
  let next = QUANTILES.length - 1;
  for (let k = candidate.length - 1; k > 0 && next >= 0; k -= 1) {
    candidateEvents += candidate[k]!;
    incumbentEvents += incumbent[k] ?? 0;
    while (next >= 0 && candidateEvents + incumbentEvents >= (1 - QUANTILES[next]!) * total) {
      cuts[next] = { candidateTrials, candidateEvents, incumbentTrials, incumbentEvents };
      next -= 1;
    }
  }
  return cuts.fill({ candidateTrials, candidateEvents, incumbentTrials, incumbentEvents }, 0, next + 1);
}

function remember(past: readonly [number, number], trials: number, events: number): [number, number] {
  return [past[0] * TAIL_MEMORY + trials, past[1] * TAIL_MEMORY + events];
}

function sum(histogram: readonly number[]): number {
  let total = 0;
  for (const count of histogram) total += count;
  return total;
}
