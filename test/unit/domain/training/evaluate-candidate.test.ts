import { describe, expect, it } from 'vitest';
import { categoryColumn } from '../../../../domain/shared/table.ts';
import { evaluateCandidate } from '../../../../domain/training/evaluate-candidate.ts';
import { explainFailure } from '../../../../domain/training/explain-failure.ts';
import type { LabelledRows } from '../../../../domain/training/gbdt/watch-validation.ts';
import { summarizeEvaluation } from '../../../../domain/training/summarize-evaluation.ts';
import { makeSettings } from '../../../support/training-world.ts';

const ROWS = 600;
const target = Float64Array.from({ length: ROWS }, (_, i) => i % 2);
const good = target.map((label, i) => 0.2 + 0.5 * label + 0.001 * (i % 7));
const poor = target.map((label, i) => (i % 3 === 0 ? 1 - label : label) * 0.8 + 0.1);
const cities = Array.from({ length: ROWS }, (_, i) => (i % 4 < 2 ? 'Oslo' : 'Bergen'));
const holdOut: LabelledRows = { table: { rows: ROWS, columns: { city: categoryColumn(cities) } }, target };
const settings = makeSettings({ slices: { columns: ['city'] }, gate: { resamples: 60 } });

describe('evaluating a candidate', () => {
  it('passes one without a champion, measured on slices too', () => {
    const evaluated = evaluateCandidate(settings, holdOut, good, undefined);

    expect(evaluated.decision).toEqual({ passed: true, reasons: [] });
    expect(evaluated.evaluation.metrics.auc).toBe(1);
    expect(evaluated.evaluation.slices.map(({ label }) => label).sort()).toEqual(['Bergen', 'Oslo']);
    expect(summarizeEvaluation(evaluated, undefined)).toMatchObject({ champion: null, comparison: null });
  });

  it('stops one that is worse than the champion on the same rows', () => {
    const champion = { version: 3, scores: good };

    const evaluated = evaluateCandidate(settings, holdOut, poor, champion);

    expect(evaluated.decision.passed).toBe(false);
    expect(evaluated.decision.reasons[0]).toContain('Not shown to be as good as the champion');
    const summary = summarizeEvaluation(evaluated, champion);
    expect(summary).toMatchObject({ champion: 3, comparison: { metric: 'auc' }, passed: false });
  });

  it('gives the same interval for the same seed', () => {
    const champion = { version: 3, scores: poor };

    const [first, second] = [1, 2].map(() => evaluateCandidate(settings, holdOut, good, champion));

    expect(second).toEqual(first);
  });

  it('asks for every threshold of the gate', () => {
    const strict = makeSettings({
      gate: { thresholds: [{ metric: 'accuracy', min: 0.9 }, { metric: 'auc' }] },
    });

    const { decision } = evaluateCandidate(strict, holdOut, poor, undefined);

    expect(decision.reasons).toEqual([expect.stringContaining('accuracy is')]);
  });

  it('stops one whose champion cannot answer, unless the pipeline does not mind', () => {
    const champion = { version: 3, problem: "The rows lack 'rain'." };
    const lenient = makeSettings({ gate: { requireComparison: false } });

    const minded = evaluateCandidate(settings, holdOut, good, champion);
    const ignored = evaluateCandidate(lenient, holdOut, good, champion);

    expect(minded.decision.reasons).toEqual([
      "Version 3, the champion, could not be scored on these rows: The rows lack 'rain'.",
    ]);
    expect(ignored.decision.passed).toBe(true);
  });
});

describe('explaining a failed state', () => {
  const cause = (errorMessage: string) => JSON.stringify({ errorType: 'x', errorMessage });

  it.each([
    ['a refusal in its own words', 'RefusedError', cause('No rows.'), 'TrainModel: No rows.'],
    [
      'an end of the process',
      'Runtime.OutOfMemory',
      '',
      'TrainModel: it needed more memory than its function has',
    ],
    [
      'a bug by its error’s name',
      'TypeError',
      cause('x is undefined'),
      'TrainModel: TypeError: x is undefined',
    ],
    [
      'what Step Functions says itself',
      'States.Runtime',
      'Bad input',
      'TrainModel: States.Runtime: Bad input',
    ],
    ['silence', undefined, undefined, 'TrainModel: Unknown'],
  ])('tells %s', (_, name, Cause, reason) => {
    expect(explainFailure('TrainModel', { Error: name, Cause })).toEqual({ reason, reasons: [] });
  });

  it('tells each finding of refused rows', () => {
    const failure = { Error: 'DatasetRefusedError', Cause: cause('Version 2 is bad:\nToo old.\nToo few.') };

    const explained = explainFailure('ValidateDataset', failure);

    expect(explained).toEqual({
      reason: 'Version 2 is bad: Too old. Too few.',
      reasons: ['Too old.', 'Too few.'],
    });
  });
});
