import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../../../domain/shared/domain-error.ts';
import { DEFAULT_GBDT_OPTIONS } from '../../../../domain/training/gbdt/options.ts';
import {
  chooseTrial,
  fitChosen,
  runTrial,
  type TrialInput,
  type TrialResult,
} from '../../../../domain/training/run-trial.ts';
import { sampleTrials } from '../../../../domain/training/search-space.ts';
import { splitByTime } from '../../../../domain/training/split-by-time.ts';
import { GENERATED_FEATURES, generateRows } from '../../../support/training-rows.ts';

const rows = generateRows(3000);
const input: TrialInput = {
  objective: 'binary',
  features: GENERATED_FEATURES,
  rows: rows.binary,
  split: splitByTime(Float64Array.from({ length: 3000 }, (_, i) => i)),
};

function result(index: number, value: number | null, metric: TrialResult['metric'] = 'auc'): TrialResult {
  return { index, value, metric, rounds: 5, options: DEFAULT_GBDT_OPTIONS };
}

describe('runTrial', () => {
  it('measures a trial on the validation rows, the same wherever it runs', () => {
    const [first, second] = sampleTrials(2, 1);

    const results = [runTrial(input, first!), runTrial(input, second!)];

    expect(results.map(({ value }) => value! > 0.7)).toEqual([true, true]);
    expect(runTrial(input, second!)).toEqual(results[1]);
  });

  it('takes the metric it is told to, RMSE for a regression', () => {
    const [trial] = sampleTrials(1, 1);

    expect(runTrial({ ...input, metric: 'brier' }, trial!).metric).toBe('brier');
    expect(runTrial({ ...input, objective: 'regression', rows: rows.regression }, trial!).metric).toBe(
      'rmse',
    );
  });

  it('has no value when the validation rows do not define the metric', () => {
    const target = rows.binary.target.map((value, row) => (row < 2100 ? value : 0));
    const [trial] = sampleTrials(1, 1);

    expect(runTrial({ ...input, rows: { ...rows.binary, target } }, trial!).value).toBeNull();
  });
});

describe('chooseTrial', () => {
  it('takes the best, and of equals the first, in whatever order results came', () => {
    expect(chooseTrial([result(2, 0.8), result(0, 0.7), result(1, 0.8), result(3, null)]).index).toBe(1);
    expect(chooseTrial([result(0, 0.8, 'rmse'), result(1, 0.7, 'rmse')]).index).toBe(1);
  });

  it('refuses when nothing was measured', () => {
    expect(() => chooseTrial([result(0, null)])).toThrow(RefusedError);
  });
});

describe('fitChosen', () => {
  it('fits on training and validation rows with the rounds that were found', () => {
    const [trial] = sampleTrials(1, 1);
    const chosen = runTrial(input, trial!);

    const model = fitChosen(input, chosen);

    expect(model.trees).toHaveLength(chosen.rounds);
    expect(fitChosen(input, chosen)).toEqual(model);
  });
});
