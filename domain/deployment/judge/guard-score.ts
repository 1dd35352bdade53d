import { SCORE_BINS } from '../../shared/observation.ts';
import { addDoubt, type Doubt, FULL_DOUBT } from './doubt.ts';
import { addEvidence, startEvidence } from './evidence.ts';

/** Shifts beyond the tolerance that are bet on, in the incumbent's standard deviations. */
const EXCESSES = [0.35, 1] as const;
const SIDES = [1, -1] as const;
const STAKES = SIDES.flatMap(() => EXCESSES.map(() => 1 / (SIDES.length * EXCESSES.length)));

/** The shift that promotion must have excluded: twice the tolerance and a fifth of a standard deviation. */
const EXCLUDED_EXTRA_SD = 0.2;

/** Below this the incumbent's standard deviation is too rough to scale by. */
const LEAST_INCUMBENT_SCORES = 10;

/** Count, sum and sum of squares of bin indices. */
export type Moments = readonly [count: number, sum: number, squares: number];

export interface ScoreGuardState {
  readonly evidence: readonly number[];
  /** Of an upward and of a downward shift. */
  readonly doubt: readonly Doubt[];
  readonly candidate: Moments;
  readonly incumbent: Moments;
}

export function startScoreGuard(): ScoreGuardState {
  return {
    evidence: startEvidence(STAKES),
    doubt: [FULL_DOUBT, FULL_DOUBT],
    candidate: [0, 0, 0],
    incumbent: [0, 0, 0],
  };
}

/** One minute of both versions' predictions in equal bins. */
export function watchScores(
  state: ScoreGuardState,
  candidate: readonly number[],
  incumbent: readonly number[],
  maxShiftSd: number,
  maxMinutes: number,
): ScoreGuardState {
  const minuteCandidate = toMoments(candidate);
  const minuteIncumbent = toMoments(incumbent);
  const next = {
    ...state,
    candidate: addMoments(state.candidate, minuteCandidate),
    incumbent: addMoments(state.incumbent, minuteIncumbent),
  };
  if (minuteCandidate[0] === 0 || minuteIncumbent[0] === 0) return next;
  if (next.incumbent[0] < LEAST_INCUMBENT_SCORES) return next;
  const sd = scoreSd(next.incumbent);
  // A shift smaller than one bin cannot be told from a value that crossed a bin's edge.
  const tolerated = Math.max(maxShiftSd, 1 / sd);
  const minute: Minute = {
    candidate,
    incumbent,
    candidates: minuteCandidate[0],
    incumbents: minuteIncumbent[0],
  };
  const lnRatios = SIDES.flatMap((side) =>
    EXCESSES.map((excess) => lnShift(minute, side / sd, tolerated, excess)),
  );
  const shift = (minuteCandidate[1] / minute.candidates - minuteIncumbent[1] / minute.incumbents) / sd;
  return {
    ...next,
    evidence: addEvidence(state.evidence, STAKES, lnRatios, maxMinutes),
    doubt: SIDES.map((side, k) => addShiftDoubt(state.doubt[k]!, minute, side * shift, tolerated)),
  };
}

/** The doubt on the worse side. */
export function scoreDoubt({ doubt }: ScoreGuardState): Doubt {
  return doubt.reduce((worst, side) => (side[0] > worst[0] ? side : worst));
}

/** Standard deviation in bins, at least that of one bin so that a constant incumbent has a scale. */
export function scoreSd([count, sum, squares]: Moments): number {
  if (count === 0) return 1;
  const mean = sum / count;
  return Math.max(1, Math.sqrt(Math.max(0, squares / count - mean * mean)));
}

export function scoreMean([count, sum]: Moments): number {
  return count === 0 ? Number.NaN : sum / count;
}

interface Minute {
  readonly candidate: readonly number[];
  readonly incumbent: readonly number[];
  readonly candidates: number;
  readonly incumbents: number;
}

/**
 * Log e-value of a shift beyond the tolerance: with the candidate's scores moved back by the tolerance, the
 * smaller arm is a draw without replacement from the pooled minute, whose moment generating function is at
 * most that of a draw with replacement (Hoeffding 1963, theorem 4).
 */
function lnShift(minute: Minute, scale: number, tolerated: number, excess: number): number {
  const { candidate, incumbent, candidates, incumbents } = minute;
  const total = candidates + incumbents;
  const smallerIsCandidate = candidates <= incumbents;
  const strength = (excess * Math.max(candidates, incumbents)) / total;
  const tilt = smallerIsCandidate ? strength : -strength;
  let pooled = 0;
  let drawn = 0;
  for (let bin = 0; bin < SCORE_BINS; bin += 1) {
    const c = candidate[bin] ?? 0;
    const i = incumbent[bin] ?? 0;
    if (c === 0 && i === 0) continue;
    const asIncumbent = tilt * bin * scale;
    const asCandidate = asIncumbent - tilt * tolerated;
    pooled += i * Math.exp(asIncumbent) + c * Math.exp(asCandidate);
    drawn += smallerIsCandidate ? c * asCandidate : i * asIncumbent;
  }
  return drawn - Math.min(candidates, incumbents) * Math.log(pooled / total);
}

/** Normal log likelihood ratio of the excluded shift against none. */
function addShiftDoubt(doubt: Doubt, minute: Minute, shift: number, tolerated: number): Doubt {
  const excluded = 2 * tolerated + EXCLUDED_EXTRA_SD;
  const effective = (minute.candidates * minute.incumbents) / (minute.candidates + minute.incumbents);
  return addDoubt(doubt, excluded * effective * (shift - excluded / 2), (excluded ** 2 * effective) / 2);
}

function toMoments(histogram: readonly number[]): Moments {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let bin = 0; bin < SCORE_BINS; bin += 1) {
    const n = histogram[bin] ?? 0;
    count += n;
    sum += n * bin;
    squares += n * bin * bin;
  }
  return [count, sum, squares];
}

function addMoments(a: Moments, b: Moments): Moments {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
