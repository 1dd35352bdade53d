import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { predictScores } from '../domain/training/gbdt/model.ts';
import { trainGbdt } from '../domain/training/gbdt/train-gbdt.ts';
import type { LabelledRows } from '../domain/training/gbdt/watch-validation.ts';
import { computeMetric, scoreRows } from '../domain/training/metrics/scored-rows.ts';
import { makeRandom } from '../domain/training/random.ts';
import { atMost, type Bench, type Figure, median } from './bench.ts';
import { runBenchPython } from './python.ts';

const TRAINING_ROWS = 100_000;
const TEST_ROWS = 50_000;
const FEATURES = 30;
/** The two are timed in turn, so that both see the same moments of a noisy machine. */
const TURNS = 3;

/**
 * The built-in trainer against scikit-learn's HistGradientBoosting, both on one thread with 100 rounds of 31
 * leaves and 255 bins, binning included. 1.7 is what a plain JavaScript prototype reached.
 */
const gbdt: Bench = {
  name: 'gbdt',
  async run() {
    const columns = makeColumns();
    const target = makeTarget(columns);
    const folder = mkdtempSync(join(tmpdir(), 'perennial-bench-'));
    try {
      writeForPython(folder, columns, target);
      return compare(folder, columns, target);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

export const bars: Bench[] = [gbdt];

function compare(folder: string, columns: Float64Array[], target: Float64Array): Figure[] {
  const training = takeRows(columns, target, 0, TRAINING_ROWS);
  const test = takeRows(columns, target, TRAINING_ROWS, TRAINING_ROWS + TEST_ROWS);
  const features = Object.keys(training.table.columns);
  const train = () => trainGbdt({ objective: 'binary', features, training });
  // One fit before timing starts, on both sides: V8 compiles, scikit-learn starts its thread pool.
  let model = train();
  const own: number[] = [];
  const reference: number[] = [];
  let referenceAuc = Number.NaN;
  for (let turn = 0; turn < TURNS; turn++) {
    const start = performance.now();
    model = train();
    own.push((performance.now() - start) / 1000);
    const args = [folder, String(FEATURES), String(TRAINING_ROWS), '2'];
    const fitted = runBenchPython<{ seconds: number[]; auc: number }>('training_reference.py', args);
    reference.push(fitted.seconds[1]!);
    referenceAuc = fitted.auc;
  }
  const auc = computeMetric(scoreRows('binary', test.target, predictScores(model, test.table)), 'auc');
  return [
    { name: 'gbdt-fit', value: median(own), unit: 's' },
    { name: 'gbdt-fit-scikit-learn', value: median(reference), unit: 's' },
    atMost('gbdt-fit-ratio', median(own) / median(reference), 'x', 1.7),
    { name: 'gbdt-auc', value: auc, unit: 'auc' },
    atMost('gbdt-auc-gap', Math.abs(auc - referenceAuc), 'auc', 0.002),
  ];
}

function makeColumns(): Float64Array[] {
  const random = makeRandom(1);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  return Array.from({ length: FEATURES }, () =>
    Float64Array.from({ length: TRAINING_ROWS + TEST_ROWS }, () => Math.fround(normal())),
  );
}

/** Products, a wave, a square, a switch and noise over eleven of the features; the others say nothing. */
function makeTarget(columns: readonly Float64Array[]): Float64Array {
  const random = makeRandom(2);
  return Float64Array.from({ length: TRAINING_ROWS + TEST_ROWS }, (_, row) => {
    const x = columns.map((column) => column[row]!) as [number, ...number[]];
    const either = x[5]! > 0.5 ? x[6]! : -x[7]!;
    const smooth = x[0] * x[1]! + Math.sin(2 * x[2]!) + 0.5 * x[3]! ** 2 - 0.5 + 0.8 * x[4]!;
    const score = 1.5 * (smooth + 0.7 * either + 0.3 * x[8]! * x[9]! * x[10]!);
    return random.uniform() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  });
}

function takeRows(columns: Float64Array[], target: Float64Array, from: number, to: number): LabelledRows {
  const entries = columns.map((values, f) => {
    return [`feature${f}`, { kind: 'numeric' as const, values: values.slice(from, to) }] as const;
  });
  return { table: { rows: to - from, columns: Object.fromEntries(entries) }, target: target.slice(from, to) };
}

function writeForPython(folder: string, columns: Float64Array[], target: Float64Array): void {
  const rows = target.length;
  const matrix = new Float32Array(rows * FEATURES);
  columns.forEach((values, f) => {
    for (let row = 0; row < rows; row++) matrix[row * FEATURES + f] = values[row]!;
  });
  writeFileSync(join(folder, 'features.f32'), matrix);
  writeFileSync(join(folder, 'target.u8'), Uint8Array.from(target));
}
