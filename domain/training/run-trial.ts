import { RefusedError } from '../shared/domain-error.ts';
import { selectRows } from '../shared/table.ts';
import { type GbdtModel, type Objective, predict } from './gbdt/model.ts';
import type { GbdtOptions } from './gbdt/options.ts';
import { trainGbdt } from './gbdt/train-gbdt.ts';
import type { LabelledRows } from './gbdt/watch-validation.ts';
import { advantage, DEFAULT_METRIC, type Metric } from './metrics/metric.ts';
import { computeMetric, scoreRows } from './metrics/scored-rows.ts';
import type { Trial } from './search-space.ts';
import type { TimeSplit } from './split-by-time.ts';

/** What every trial of a search works on. */
export interface TrialInput {
  readonly objective: Objective;
  readonly features: readonly string[];
  readonly rows: LabelledRows;
  readonly split: TimeSplit;
  /** What the search is about; `DEFAULT_METRIC` when absent. */
  readonly metric?: Metric;
}

export interface TrialResult {
  readonly index: number;
  readonly options: GbdtOptions;
  /** Rounds that early stopping kept. */
  readonly rounds: number;
  readonly metric: Metric;
  /** The metric on the validation rows, null where they do not define it. */
  readonly value: number | null;
}

/** Trains on the training rows and measures on the validation rows; needs nothing from other trials. */
export function runTrial(input: TrialInput, trial: Trial): TrialResult {
  const metric = input.metric ?? DEFAULT_METRIC[input.objective];
  const validation = takeRows(input.rows, input.split.validation);
  const model = trainGbdt({
    objective: input.objective,
    features: input.features,
    training: takeRows(input.rows, input.split.training),
    validation,
    options: trial.options,
  });
  const scored = scoreRows(input.objective, validation.target, predict(model, validation.table));
  const value = computeMetric(scored, metric);
  return {
    index: trial.index,
    options: trial.options,
    rounds: model.trees.length,
    metric,
    value: Number.isNaN(value) ? null : value,
  };
}

/**
 * The best result; of equal ones the first.
 *
 * @throws RefusedError when no trial has a value.
 */
export function chooseTrial(results: readonly TrialResult[]): TrialResult {
  let best: TrialResult | undefined;
  for (const result of results.toSorted((a, b) => a.index - b.index)) {
    if (result.value === null) continue;
    if (best === undefined || advantage(result.metric, result.value, best.value!) > 0) best = result;
  }
  if (best === undefined) throw new RefusedError('No trial could be measured on the validation rows.');
  return best;
}

/**
 * Fits the chosen trial once more on training and validation rows together: the latest rows are most like
 * those to come. Rounds are those that early stopping found.
 */
export function fitChosen(input: TrialInput, chosen: TrialResult): GbdtModel {
  const { training, validation } = input.split;
  const both = new Uint32Array(training.length + validation.length);
  both.set(training);
  both.set(validation, training.length);
  return trainGbdt({
    objective: input.objective,
    features: input.features,
    training: takeRows(input.rows, both),
    options: { ...chosen.options, rounds: Math.max(1, chosen.rounds), earlyStoppingRounds: 0 },
  });
}

/** The labelled rows of one part of a split. */
export function takeRows({ table, target }: LabelledRows, rows: Uint32Array): LabelledRows {
  return { table: selectRows(table, rows), target: Float64Array.from(rows, (row) => target[row]!) };
}
