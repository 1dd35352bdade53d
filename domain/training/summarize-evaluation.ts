import type { Comparison } from './compare-models.ts';
import type { CandidateEvaluation, ChampionAnswer } from './evaluate-candidate.ts';

/** An item of the store takes 400 KB; the rest is in the run's artifact. */
const MOST_SLICES = 100;

/** What the API shows of an evaluation: all of it but slices beyond the first hundred. */
export function summarizeEvaluation(
  { evaluation, comparison, decision }: CandidateEvaluation,
  champion: ChampionAnswer | undefined,
): Record<string, unknown> {
  return {
    rows: evaluation.rows,
    metrics: { ...evaluation.metrics },
    slices: evaluation.slices.slice(0, MOST_SLICES),
    champion: champion?.version ?? null,
    comparison: comparison?.overall ?? null,
    sliceComparisons: worstFirst(comparison?.slices ?? []).slice(0, MOST_SLICES),
    passed: decision.passed,
    reasons: decision.reasons,
  };
}

function worstFirst<T extends Comparison>(slices: readonly T[]): T[] {
  return slices.toSorted((a, b) => a.high - b.high);
}
