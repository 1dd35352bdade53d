import type { PipelineInput } from './pipeline-contract.ts';
import { objectiveOf } from './prepare-rows.ts';
import type { RowsFile } from './rows-file.ts';
import type { TrialInput } from './run-trial.ts';
import { type SearchSpace, sampleTrials, type Trial } from './search-space.ts';

/** What every trial of an execution works on, from the file that the split left. */
export function toTrialInput({ rows, facts }: RowsFile, settings: PipelineInput): TrialInput {
  const trainingRows = Number(facts.trainingRows);
  const { metric } = settings.search;
  return {
    objective: objectiveOf(settings),
    features: facts.features as readonly string[],
    rows,
    split: {
      training: range(0, trainingRows),
      validation: range(trainingRows, rows.table.rows),
      holdOut: new Uint32Array(),
      validationFrom: Number.NaN,
      holdOutFrom: Number.NaN,
    },
    ...(metric === undefined ? {} : { metric }),
  };
}

/** The settings that one trial tries; whichever function asks gets the same. */
export function drawTrial({ search }: PipelineInput, index: number): Trial {
  const { trials, seed, space, fixed } = search;
  const drawn = sampleTrials(trials, seed, space as SearchSpace | undefined, fixed as Trial['options']);
  return drawn[index]!;
}

function range(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, i) => from + i);
}
