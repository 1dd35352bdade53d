import { describe, expect, it } from 'vitest';
import { categoryColumn, numericColumn } from '../../../../domain/shared/table.ts';
import {
  type ComparePolicy,
  compareModels,
  compareSlices,
  type PairedPredictions,
} from '../../../../domain/training/compare-models.ts';
import { DEFAULT_GATE, evaluateGate, type GatePolicy } from '../../../../domain/training/evaluate-gate.ts';
import { evaluatePredictions } from '../../../../domain/training/evaluate-predictions.ts';
import { makeRandom } from '../../../../domain/training/random.ts';
import { sliceTable } from '../../../../domain/training/slice.ts';

const ROWS = 4000;
const policy: ComparePolicy = { metric: 'auc', level: 0.9, resamples: 200, seed: 1 };

/** Two models that see the same signal, each with noise of its own. */
function makePair(candidateNoise: number, championNoise: number, seed = 1): PairedPredictions {
  const random = makeRandom(seed);
  const target = new Float64Array(ROWS);
  const candidate = new Float64Array(ROWS);
  const champion = new Float64Array(ROWS);
  const squash = (score: number) => 1 / (1 + Math.exp(-score));
  for (let row = 0; row < ROWS; row++) {
    const score = 6 * random.uniform() - 3;
    target[row] = random.uniform() < squash(score) ? 1 : 0;
    candidate[row] = squash(score + candidateNoise * (random.uniform() - 0.5));
    champion[row] = squash(score + championNoise * (random.uniform() - 0.5));
  }
  return { objective: 'binary', target, candidate, champion };
}

const table = {
  rows: ROWS,
  columns: {
    origin: categoryColumn(Array.from({ length: ROWS }, (_, i) => ['SFO', 'JFK', 'SFO', null][i % 4]!)),
    distance: numericColumn(Array.from({ length: ROWS }, (_, i) => (i % 100 === 0 ? null : i))),
  },
};

describe('sliceTable', () => {
  it('groups by category, the largest first, missing values apart', () => {
    const slices = sliceTable(table, { columns: ['origin'], minRows: 200, maxPerColumn: 20 });

    expect(slices.map(({ label, rows }) => [label, rows.length])).toEqual([
      ['SFO', 2000],
      ['(missing)', 1000],
      ['JFK', 1000],
    ]);
  });

  it('groups numbers by quarters', () => {
    const slices = sliceTable(table, { columns: ['distance'], minRows: 200, maxPerColumn: 20 });

    expect(slices).toHaveLength(4);
    expect(slices.map(({ rows }) => rows.length).every((rows) => Math.abs(rows - 990) < 5)).toBe(true);
    expect(slices.map(({ label }) => label)).toContain('1 … 1001');
  });

  it('leaves out small groups and those beyond the most', () => {
    expect(sliceTable(table, { columns: ['origin'], minRows: 1500, maxPerColumn: 20 })).toHaveLength(1);
    expect(sliceTable(table, { columns: ['origin'], minRows: 200, maxPerColumn: 2 })).toHaveLength(2);
  });
});

describe('evaluatePredictions', () => {
  it('measures all rows and each slice, leaving out what is not defined', () => {
    const { target, candidate } = makePair(0, 1);
    const slices = sliceTable(table, { columns: ['origin'], minRows: 200, maxPerColumn: 20 });
    const onlyZeros = target.map((value, row) => (row % 4 === 1 ? 0 : value));

    const evaluation = evaluatePredictions('binary', onlyZeros, candidate, slices);

    expect(Object.keys(evaluation.metrics)).toEqual([
      'auc',
      'logLoss',
      'accuracy',
      'precision',
      'recall',
      'f1',
      'brier',
    ]);
    expect(evaluation.slices.map(({ label }) => label)).toEqual(['SFO', '(missing)', 'JFK']);
    expect(evaluation.slices[2]!.metrics.auc).toBeUndefined();
    expect(Object.keys(evaluatePredictions('regression', target, candidate).metrics)).toEqual([
      'mae',
      'rmse',
      'r2',
    ]);
  });
});

describe('compareModels', () => {
  it('finds the better model in either direction of a metric', () => {
    const pair = makePair(0, 4);

    const byAuc = compareModels(pair, policy)!;
    const byLoss = compareModels(pair, { ...policy, metric: 'logLoss' })!;

    expect(byAuc.low).toBeGreaterThan(0);
    expect(byLoss.low).toBeGreaterThan(0);
    expect(byLoss.candidate).toBeLessThan(byLoss.champion);
  });

  it('covers zero for equally good models about as often as its level says', () => {
    let covered = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { low, high } = compareModels(makePair(2, 2, seed), {
        ...policy,
        metric: 'brier',
        resamples: 100,
      })!;
      if (low <= 0 && high >= 0) covered += 1;
    }

    // 36 expected; fewer than 30 has a chance of 0.15 % at a coverage of 90 %.
    expect(covered).toBeGreaterThanOrEqual(30);
  });

  it('repeats with the seed', () => {
    expect(compareModels(makePair(1, 2), policy)).toEqual(compareModels(makePair(1, 2), policy));
  });

  it('is undefined when the rows do not define the metric', () => {
    expect(compareModels({ ...makePair(1, 1), target: new Float64Array(ROWS) }, policy)).toBeUndefined();
  });

  it('skips draws that miss a class', () => {
    const pair: PairedPredictions = {
      objective: 'binary',
      target: Float64Array.of(0, 0, 0, 1),
      candidate: Float64Array.of(0.1, 0.2, 0.3, 0.9),
      champion: Float64Array.of(0.1, 0.2, 0.3, 0.05),
    };

    const comparison = compareModels(pair, policy)!;

    expect(comparison.low).toBeGreaterThan(0);
    expect(comparison.high).toBe(1);
  });
});

describe('evaluateGate', () => {
  const slices = sliceTable(table, { columns: ['origin'], minRows: 200, maxPerColumn: 20 });
  const decide = (pair: PairedPredictions, gate: Partial<GatePolicy> = {}) =>
    evaluateGate(
      { ...DEFAULT_GATE, ...gate },
      evaluatePredictions('binary', pair.target, pair.candidate, slices),
      {
        overall: compareModels(pair, policy),
        slices: compareSlices(pair, slices, policy),
      },
    );

  it('passes a better model, and an equal one', () => {
    expect(decide(makePair(0, 4))).toEqual({ passed: true, reasons: [] });
    expect(decide(makePair(0.1, 0.1))).toEqual({ passed: true, reasons: [] });
  });

  it('passes a first model on thresholds alone', () => {
    const { target, candidate } = makePair(0, 1);
    const evaluation = evaluatePredictions('binary', target, candidate);

    const decision = evaluateGate({ ...DEFAULT_GATE, thresholds: [{ metric: 'auc', min: 0.7 }] }, evaluation);

    expect(decision.passed).toBe(true);
  });

  it('rejects a model that is worse than the champion', () => {
    const { passed, reasons } = decide(makePair(6, 0));

    expect(passed).toBe(false);
    expect(reasons[0]).toMatch(
      /^Not shown to be as good as the champion: auc 0\.\d+ against 0\.\d+, advantage -/,
    );
  });

  it('rejects a model that is better on the whole and worse on a slice', () => {
    const pair = makePair(0, 4);
    const candidate = pair.candidate.map((value, row) => (row % 4 === 1 ? 1 - value : value));

    const { reasons } = decide({ ...pair, candidate }, { championMargin: 1 });

    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^Worse than the champion where origin is JFK \(1000 rows\)/);
  });

  it('names every threshold that does not hold', () => {
    const pair = makePair(0, 4);

    const { reasons } = decide(pair, {
      minRows: 10_000,
      thresholds: [
        { metric: 'auc', min: 0.99 },
        { metric: 'brier', max: 0.01 },
        { metric: 'rmse', max: 1 },
        { metric: 'accuracy', min: 0.5, max: 1 },
      ],
    });

    expect(reasons).toEqual([
      'The hold-out has 4000 rows, at least 10000 are asked.',
      expect.stringMatching(/^auc is 0\.\d+, at least 0\.99 is asked\.$/),
      expect.stringMatching(/^brier is 0\.\d+, at most 0\.01 is allowed\.$/),
      'rmse cannot be computed on the hold-out.',
    ]);
  });

  it('rejects when the comparison is not defined', () => {
    const pair = { ...makePair(0, 1), target: new Float64Array(ROWS) };

    expect(decide(pair).reasons).toEqual([
      'The hold-out does not define the metric to compare with the champion.',
    ]);
  });
});
