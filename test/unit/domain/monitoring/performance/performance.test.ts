import { describe, expect, it } from 'vitest';
import { assessDegradation } from '../../../../../domain/monitoring/performance/assess-degradation.ts';
import { countOutcomes } from '../../../../../domain/monitoring/performance/count-outcomes.ts';
import {
  type LabelledRow,
  readLabelledRows,
} from '../../../../../domain/monitoring/performance/labelled-rows.ts';
import { measurePerformance } from '../../../../../domain/monitoring/performance/measure-performance.ts';
import { createRandom, normal } from '../../../../support/made-tables.ts';

/** Labels 1 with the score's own probability; `noise` turns that many answers around. */
function makeRows(count: number, seed: number, noise = 0): LabelledRow[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const score = random();
    const honest = random() < score ? 1 : 0;
    const label = random() < noise ? 1 - honest : honest;
    return { prediction: score >= 0.5 ? 1 : 0, score, label };
  });
}

const SMALL: LabelledRow[] = [
  { prediction: 1, score: 0.9, label: 1 },
  { prediction: 1, score: 0.6, label: 0 },
  { prediction: 0, score: 0.4, label: 1 },
  { prediction: 0, score: 0.4, label: 0 },
  { prediction: 0, score: 0.1, label: 0 },
];

const classified = (rows: readonly LabelledRow[]) =>
  measurePerformance(readLabelledRows(rows, { task: 'classification' }));

describe('measurePerformance of two classes', () => {
  // scikit-learn 1.7 of the same five rows: 0.6, 0.5, 0.5, 0.5, 0.75 (auc by hand: (1 + 1 + 1 + 0 + 0.5 + 1) / 6).
  it('has the values of the textbook', () => {
    const { metrics, rows, bestConstant } = classified(SMALL);

    expect(rows).toBe(5);
    expect(metrics.accuracy!.value).toBeCloseTo(0.6, 12);
    expect(metrics.precision!.value).toBeCloseTo(0.5, 12);
    expect(metrics.recall!.value).toBeCloseTo(0.5, 12);
    expect(metrics.f1!.value).toBeCloseTo(0.5, 12);
    expect(metrics.auc!.value).toBeCloseTo(4.5 / 6, 12);
    expect(metrics.brier!.value).toBeCloseTo((0.01 + 0.36 + 0.36 + 0.16 + 0.01) / 5, 12);
    const losses = [0.9, 0.4, 0.4, 0.6, 0.9].map((p) => -Math.log(p));
    expect(metrics.logLoss!.value).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 5, 12);
    expect(bestConstant).toBeCloseTo(0.6, 12);
  });

  it('has intervals that hold the truth about nineteen times of twenty', () => {
    const truth = classified(makeRows(200_000, 1)).metrics;
    const held = { accuracy: 0, auc: 0, f1: 0, logLoss: 0, precision: 0 };

    for (let trial = 0; trial < 200; trial++) {
      const { metrics } = classified(makeRows(150, 100 + trial));
      for (const metric of Object.keys(held) as (keyof typeof held)[]) {
        const { low, high } = metrics[metric]!;
        if (low <= truth[metric]!.value && truth[metric]!.value <= high) held[metric]++;
      }
    }

    for (const count of Object.values(held)) expect(count).toBeGreaterThanOrEqual(182);
  });

  it('does not claim certainty when every row was right', () => {
    const right = SMALL.filter(({ prediction, label }) => prediction === label);

    const { accuracy } = classified(right).metrics;

    expect(accuracy!.value).toBe(1);
    expect(accuracy!.low).toBeLessThan(0.6);
  });

  it('leaves out what the rows do not define', () => {
    const { metrics } = classified(
      SMALL.filter(({ label }) => label === 0).map((row) => ({ ...row, prediction: 0 })),
    );

    expect(metrics.auc).toBeUndefined();
    expect(metrics.precision).toBeUndefined();
    expect(metrics.accuracy!.value).toBe(1);
  });

  it('works without scores', () => {
    const { metrics } = classified(SMALL.map(({ prediction, label }) => ({ prediction, label })));

    expect(Object.keys(metrics)).toEqual(['accuracy', 'precision', 'recall', 'f1']);
  });

  it('of no rows is empty', () => {
    expect(classified([])).toEqual({ rows: 0, metrics: {}, bestConstant: null });
  });
});

describe('readLabelledRows', () => {
  it('takes 1, 1.0, true and yes for one class', () => {
    const rows = readLabelledRows(
      [
        { prediction: 1, label: 'TRUE' },
        { prediction: '1.0', label: 'yes' },
        { prediction: false, label: '0' },
      ],
      { task: 'classification' },
    );

    expect(rows).toMatchObject({
      task: 'binary',
      predictions: Uint8Array.of(1, 1, 0),
      labels: Uint8Array.of(1, 1, 0),
    });
  });

  it('takes the class that it is told to be positive', () => {
    const rows = readLabelledRows([{ prediction: 'late', label: 'on time' }], {
      task: 'classification',
      positiveLabel: 'Late',
    });

    expect(rows).toMatchObject({ task: 'binary', predictions: Uint8Array.of(1), labels: Uint8Array.of(0) });
  });

  it('counts right answers of many classes', () => {
    const rows = readLabelledRows(
      [
        { prediction: 'cat', label: 'cat' },
        { prediction: 'cat', label: 'dog' },
        { prediction: 'owl', label: 'owl' },
      ],
      { task: 'classification' },
    );

    expect(measurePerformance(rows).metrics.accuracy!.value).toBeCloseTo(2 / 3, 12);
    expect(countOutcomes(rows)).toEqual({ kind: 'classification', tp: 2, fp: 1, tn: 0, fn: 0 });
  });

  it('leaves out rows of a regression that are no numbers', () => {
    const rows = readLabelledRows(
      [
        { prediction: 1, label: 'unknown' },
        { prediction: 2, label: 3 },
      ],
      { task: 'regression' },
    );

    expect(rows.labels).toEqual(Float64Array.of(3));
  });
});

describe('measurePerformance of numbers', () => {
  const rows = readLabelledRows(
    [
      { prediction: 1, label: 2 },
      { prediction: 5, label: 4 },
      { prediction: 6, label: 9 },
    ],
    { task: 'regression' },
  );

  it('has the values of the textbook', () => {
    const { metrics, bestConstant } = measurePerformance(rows);

    expect(metrics.mae!.value).toBeCloseTo(5 / 3, 12);
    expect(metrics.rmse!.value).toBeCloseTo(Math.sqrt(11 / 3), 12);
    expect(metrics.r2!.value).toBeCloseTo(1 - 11 / 26, 12);
    expect(bestConstant).toBeCloseTo(Math.sqrt(26 / 3), 12);
  });

  it('has intervals that hold the truth', () => {
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const random = createRandom(500 + trial);
      const noisy = Array.from({ length: 200 }, () => {
        const prediction = 10 * random();
        return { prediction, label: prediction + 2 * normal(random) };
      });
      const { rmse } = measurePerformance(readLabelledRows(noisy, { task: 'regression' })).metrics;
      if (rmse!.low <= 2 && 2 <= rmse!.high) held++;
    }

    expect(held).toBeGreaterThanOrEqual(182);
  });

  it('has no error of a perfect model and no R² of a constant', () => {
    const same = readLabelledRows(
      [3, 3, 3].map((x) => ({ prediction: x, label: x })),
      { task: 'regression' },
    );

    const { metrics } = measurePerformance(same);

    expect(metrics.rmse).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(metrics.r2).toBeUndefined();
  });
});

describe('assessDegradation', () => {
  const reference = { metrics: { auc: 0.833, accuracy: 0.75 }, rows: 20_000 };

  it('is content with the same world', () => {
    let degraded = 0;
    for (let trial = 0; trial < 100; trial++) {
      if (assessDegradation(classified(makeRows(300, 900 + trial)), reference).verdict === 'DEGRADED')
        degraded++;
    }

    expect(degraded).toBe(0);
  });

  it('sees a model that lost a seventh of its accuracy', () => {
    const worse = assessDegradation(classified(makeRows(600, 2, 0.25)), reference);

    expect(worse.verdict).toBe('DEGRADED');
    expect(worse.reasons[0]).toMatch(
      /^auc went from 0\.833 to 0\.\d+ \(95 % interval .*, 600 labelled rows\)\.$/,
    );
    expect(worse.comparisons[0]).toMatchObject({ metric: 'auc', degraded: true });
  });

  it('accepts a loss that the owner accepts', () => {
    const current = classified(makeRows(600, 2, 0.25));

    expect(assessDegradation(current, reference, { tolerance: 0.4 }).verdict).toBe('NONE');
  });

  it('judges errors by their size', () => {
    const random = createRandom(3);
    const noisy = Array.from({ length: 400 }, () => ({ prediction: 0, label: 3 * normal(random) }));
    const current = measurePerformance(readLabelledRows(noisy, { task: 'regression' }));

    expect(assessDegradation(current, { metrics: { rmse: 2 } }).verdict).toBe('DEGRADED');
    expect(assessDegradation(current, { metrics: { rmse: 3.1 } }).verdict).toBe('NONE');
  });

  it('takes a model without any error for what it is', () => {
    const perfect = measurePerformance(
      readLabelledRows(
        Array.from({ length: 60 }, (_, x) => ({ prediction: x, label: x })),
        { task: 'regression' },
      ),
    );

    expect(assessDegradation(perfect, { metrics: { rmse: 1 } }).verdict).toBe('NONE');
  });

  it.each([
    ['too few labels', makeRows(40, 4), reference],
    ['no common metric', makeRows(400, 4), { metrics: { rmse: 1 } }],
  ])('says nothing with %s', (_, rows, known) => {
    const { verdict, reasons } = assessDegradation(classified(rows), known);

    expect(verdict).toBe('INSUFFICIENT_DATA');
    expect(reasons).toHaveLength(1);
  });
});

describe('countOutcomes', () => {
  it('counts the four fields of two classes', () => {
    const rows = readLabelledRows(SMALL, { task: 'classification' });

    expect(countOutcomes(rows)).toEqual({ kind: 'classification', tp: 1, fp: 1, tn: 2, fn: 1 });
  });

  it('sums the errors of numbers', () => {
    const rows = readLabelledRows(
      [
        { prediction: 1, label: 3 },
        { prediction: 1, label: 0 },
      ],
      { task: 'regression' },
    );

    expect(countOutcomes(rows)).toEqual({
      kind: 'regression',
      count: 2,
      abs_error_sum: 3,
      abs_error_sq_sum: 5,
    });
  });

  it('of nothing is null', () => {
    expect(countOutcomes(readLabelledRows([], { task: 'regression' }))).toBeNull();
  });
});
