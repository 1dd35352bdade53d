import { lnOddsEvidence, type PairedCounts } from './conditional-odds.ts';
import { addDoubt, type Doubt, FULL_DOUBT } from './doubt.ts';
import { addEvidence, startEvidence } from './evidence.ts';

/** A sharper model may well put more into one bin: thrice the incumbent's odds are no collapse. */
const LN_TOLERATED_ODDS = Math.log(3);
const LN_COLLAPSED_ODDS = Math.log(60);

/** A minute in which both versions answer one and the same thing halves the doubt: it is then no harm. */
const LN_SAME_CONSTANT = Math.log(0.5);
const STAKES = [1] as const;

export interface CollapseGuardState {
  readonly evidence: readonly number[];
  readonly doubt: Doubt;
  /** Bin that most of the candidate's last predictions fell into; -1 before the first. */
  readonly bin: number;
  readonly candidate: readonly [scores: number, inBin: number];
  readonly incumbent: readonly [scores: number, inBin: number];
}

export function startCollapseGuard(): CollapseGuardState {
  return {
    evidence: startEvidence(STAKES),
    doubt: FULL_DOUBT,
    bin: -1,
    candidate: [0, 0],
    incumbent: [0, 0],
  };
}

/**
 * One minute of predictions: bets that they fall into the bin that held most of the candidate's previous
 * ones. The bin was chosen before the minute, so no correction over the twenty bins is due.
 */
export function watchCollapse(
  state: CollapseGuardState,
  candidate: readonly number[],
  incumbent: readonly number[],
  maxMinutes: number,
): CollapseGuardState {
  const candidates = sum(candidate);
  if (candidates === 0) return state;
  const incumbents = sum(incumbent);
  const bin = fullestBin(candidate);
  if (state.bin < 0) return { ...state, bin };
  const counts: PairedCounts = {
    candidateTrials: candidates,
    candidateEvents: candidate[state.bin] ?? 0,
    incumbentTrials: incumbents,
    incumbentEvents: incumbent[state.bin] ?? 0,
  };
  return {
    evidence: addEvidence(
      state.evidence,
      STAKES,
      [lnOddsEvidence(counts, LN_COLLAPSED_ODDS, LN_TOLERATED_ODDS)],
      maxMinutes,
    ),
    doubt: addDoubt(state.doubt, lnCollapseDoubt(counts), 0),
    bin,
    candidate: [candidates, candidate[state.bin] ?? 0],
    incumbent: [incumbents, incumbent[state.bin] ?? 0],
  };
}

function lnCollapseDoubt(counts: PairedCounts): number {
  const total = counts.candidateTrials + counts.incumbentTrials;
  const same = counts.candidateEvents + counts.incumbentEvents === total && counts.incumbentTrials > 0;
  return same ? LN_SAME_CONSTANT : lnOddsEvidence(counts, LN_COLLAPSED_ODDS, 0);
}

function fullestBin(histogram: readonly number[]): number {
  let best = 0;
  for (let bin = 1; bin < histogram.length; bin += 1) if (histogram[bin]! > histogram[best]!) best = bin;
  return best;
}

function sum(histogram: readonly number[]): number {
  let total = 0;
  for (const count of histogram) total += count;
  return total;
}
