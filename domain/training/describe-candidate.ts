import { buildProfile } from '../shared/profile/build-profile.ts';
import type { Profile } from '../shared/profile/profile.ts';
import type { ModelSignature } from '../shared/signature.ts';
import { cellOf, getColumn, type Table } from '../shared/table.ts';
import type { GbdtModel } from './gbdt/model.ts';
import { DECISION_THRESHOLD } from './metrics/scored-rows.ts';

/** Rows of the example: enough to meet several leaves, few enough to read. */
const EXAMPLE_ROWS = 5;

/**
 * What the model takes. Booleans are 0 and 1, as in the rows it learned from; outputs are the graph's own.
 */
export function describeInputs(model: GbdtModel): ModelSignature {
  return {
    inputs: model.features.map(({ name, kind }) => ({
      name,
      type: kind === 'numeric' ? 'double' : 'string',
      required: true,
    })),
    outputs: [],
    params: [],
  };
}

/** Rows as a caller would send them: MLflow's `dataframe_split`. */
export function toDataframeSplit(table: Table, columns: readonly string[], from: number, to: number) {
  const read = columns.map((name) => getColumn(table, name));
  const data = Array.from({ length: to - from }, (_, i) => read.map((column) => cellOf(column, from + i)));
  return { dataframe_split: { columns: [...columns], data } };
}

/** The first rows of the hold-out: the model has never seen them. */
export function describeExample(model: GbdtModel, holdOut: Table) {
  const columns = model.features.map(({ name }) => name);
  return { inputs: toDataframeSplit(holdOut, columns, 0, Math.min(EXAMPLE_ROWS, holdOut.rows)) };
}

/**
 * What drift is measured against: the features of the rows that were fitted, and what the model answers to
 * rows that it has not seen, since on its own it is too sure.
 *
 * @param scores of the hold-out's rows: probability of class 1, or the value
 */
export function describeBaseline(model: GbdtModel, fitted: Table, scores: Float64Array): Profile {
  const names = model.features.map(({ name }) => name);
  const importances = Object.fromEntries(names.map((name, i) => [name, model.importance[i] ?? 0]));
  const features = buildProfile(fitted, { columns: names, importances });
  const isBinary = model.objective === 'binary';
  const predictions = isBinary ? scores.map((score) => (score >= DECISION_THRESHOLD ? 1 : 0)) : scores;
  const answers: Table = {
    rows: scores.length,
    columns: {
      prediction: { kind: 'numeric', values: predictions },
      score: { kind: 'numeric', values: scores },
    },
  };
  const { prediction, score } = buildProfile(answers, {
    columns: [],
    predictionColumn: 'prediction',
    ...(isBinary ? { scoreColumn: 'score' } : {}),
  });
  return { ...features, ...(prediction && { prediction }), ...(score && { score }) };
}
