/** What the model answered for one row, and what turned out to be true. */
export interface LabelledRow {
  readonly prediction: number | string | boolean;
  /** Probability of the positive class; absent for regression and for models that give none. */
  readonly score?: number | null;
  readonly label: number | string | boolean;
}

/** A window's rows as numbers. */
export type LabelledRows =
  | {
      readonly task: 'regression';
      readonly predictions: Float64Array;
      readonly labels: Float64Array;
    }
  | {
      readonly task: 'binary';
      /** 1 where the model said the positive class. */
      readonly predictions: Uint8Array;
      readonly labels: Uint8Array;
      /** Null when some row has no score. */
      readonly scores: Float64Array | null;
    }
  | { readonly task: 'multiclass'; readonly correct: Uint8Array; readonly labels: readonly string[] };

export interface LabelledRowsOptions {
  readonly task: 'classification' | 'regression';
  /** @default the one of 1, true, yes that occurs */
  readonly positiveLabel?: string;
}

const POSITIVE = new Set(['1', 'true', 'yes']);
const NEGATIVE = new Set(['0', 'false', 'no']);

/** Prepares rows for metrics; rows of a regression that are no finite numbers are left out. */
export function readLabelledRows(
  rows: readonly LabelledRow[],
  { task, positiveLabel }: LabelledRowsOptions,
): LabelledRows {
  if (task === 'regression') return readRegression(rows);
  const positive = positiveLabel ?? findPositive(rows);
  if (positive === null) return readMulticlass(rows);
  const scored = rows.every(({ score }) => typeof score === 'number' && Number.isFinite(score));
  return {
    task: 'binary',
    predictions: Uint8Array.from(rows, ({ prediction }) => Number(nameOf(prediction) === positive)),
    labels: Uint8Array.from(rows, ({ label }) => Number(nameOf(label) === positive)),
    scores: scored ? Float64Array.from(rows, ({ score }) => score!) : null,
  };
}

function readRegression(rows: readonly LabelledRow[]): LabelledRows {
  const numbers = rows
    .map(({ prediction, label }) => [Number(prediction), Number(label)] as const)
    .filter((pair) => pair.every(Number.isFinite));
  return {
    task: 'regression',
    predictions: Float64Array.from(numbers, ([prediction]) => prediction),
    labels: Float64Array.from(numbers, ([, label]) => label),
  };
}

function readMulticlass(rows: readonly LabelledRow[]): LabelledRows {
  const labels = rows.map(({ label }) => nameOf(label));
  const correct = Uint8Array.from(rows, ({ prediction }, i) => Number(nameOf(prediction) === labels[i]));
  return { task: 'multiclass', correct, labels };
}

/** The positive class when all values are words for yes and no; null when they are classes of another kind. */
function findPositive(rows: readonly LabelledRow[]): string | null {
  const values = new Set(rows.flatMap(({ prediction, label }) => [nameOf(prediction), nameOf(label)]));
  if (![...values].every((value) => POSITIVE.has(value) || NEGATIVE.has(value))) return null;
  return [...values].find((value) => POSITIVE.has(value)) ?? '1';
}

/** 1, 1.0, '1' and '1.0' are one class: CSV labels meet integers of ONNX. */
function nameOf(value: number | string | boolean): string {
  const text = String(value).trim().toLowerCase();
  const number = text === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? text : String(number);
}
