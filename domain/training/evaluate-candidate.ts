import { compareModels, compareSlices } from './compare-models.ts';
import { type ChampionComparison, evaluateGate, type GateDecision } from './evaluate-gate.ts';
import { type Evaluation, evaluatePredictions } from './evaluate-predictions.ts';
import type { LabelledRows } from './gbdt/watch-validation.ts';
import { DEFAULT_METRIC } from './metrics/metric.ts';
import type { PipelineInput } from './pipeline-contract.ts';
import { objectiveOf } from './prepare-rows.ts';
import { deriveSeed } from './random.ts';
import { type Slice, sliceTable } from './slice.ts';

/** How the champion answered the same rows, or why it could not. */
export type ChampionAnswer =
  | { readonly version: number; readonly scores: Float64Array }
  | { readonly version: number; readonly problem: string };

export interface CandidateEvaluation {
  readonly evaluation: Evaluation;
  readonly comparison: ChampionComparison | undefined;
  readonly decision: GateDecision;
}

/** Of an execution's random numbers the bootstrap takes those of this part; trials take the first ones. */
const BOOTSTRAP_PART = 1_000_000;

/** Measures a candidate on the hold-out and on slices, beside the champion, and asks the gate. */
export function evaluateCandidate(
  settings: PipelineInput,
  { table, target }: LabelledRows,
  candidate: Float64Array,
  champion: ChampionAnswer | undefined,
): CandidateEvaluation {
  const objective = objectiveOf(settings);
  const slices = sliceTable(table, settings.slices);
  const evaluation = evaluatePredictions(objective, target, candidate, slices);
  const comparison =
    champion !== undefined && 'scores' in champion
      ? compare(settings, slices, { target, candidate, champion: champion.scores })
      : undefined;
  const { thresholds, ...margins } = settings.gate;
  const policy = { ...margins, thresholds: thresholds.map(toThreshold) };
  const decision = evaluateGate(policy, evaluation, comparison);
  const refusals = settings.gate.requireComparison ? refuseIncomparable(champion) : [];
  const reasons = [...decision.reasons, ...refusals];
  return { evaluation, comparison, decision: { passed: reasons.length === 0, reasons } };
}

function compare(
  settings: PipelineInput,
  slices: readonly Slice[],
  rows: { readonly target: Float64Array; readonly candidate: Float64Array; readonly champion: Float64Array },
): ChampionComparison {
  const objective = objectiveOf(settings);
  const { level, resamples } = settings.gate;
  const metric = settings.search.metric ?? DEFAULT_METRIC[objective];
  const policy = { metric, level, resamples, seed: deriveSeed(settings.search.seed, BOOTSTRAP_PART) };
  const pair = { objective, ...rows };
  return { overall: compareModels(pair, policy), slices: compareSlices(pair, slices, policy) };
}

function toThreshold({ metric, min, max }: PipelineInput['gate']['thresholds'][number]) {
  return { metric, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function refuseIncomparable(champion: ChampionAnswer | undefined): string[] {
  if (champion === undefined || 'scores' in champion) return [];
  return [
    `Version ${champion.version}, the champion, could not be scored on these rows: ${champion.problem}`,
  ];
}
