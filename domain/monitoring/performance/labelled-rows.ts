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
  /** @default 1, true or yes */
  readonly positiveLabel?: string;
}

/** Words for the two classes of a yes-or-no label. */
const WORDS: Readonly<Record<string, string>> = { true: '1', yes: '1', false: '0', no: '0' };

/** Prepares rows for metrics; rows of a regression that are no finite numbers are left out. */
export function readLabelledRows(
  rows: readonly LabelledRow[],
  { task, positiveLabel }: LabelledRowsOptions,
): LabelledRows {
  if (task === 'regression') return readRegression(rows);
  const positive = positiveLabel === undefined ? findPositive(rows) : nameOf(positiveLabel);
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
  return [...values].every((value) => value === '1' || value === '0') ? '1' : null;
}

/** 1, 1.0, '1.0' and true are one class: labels of CSV and JSON meet integers of ONNX. */
function nameOf(value: number | string | boolean): string {
  const text = String(value).trim().toLowerCase();
  const number = text === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? (WORDS[text] ?? text) : String(number);
}
