import { readInvocations } from '../../domain/serving/read-invocations.ts';
import type { ServedModel } from '../../domain/serving/served-model.ts';
import type { Tensor } from '../../domain/serving/tensor.ts';
import { RefusedError } from '../../domain/shared/domain-error.ts';
import { type Column, cellOf, type Table } from '../../domain/shared/table.ts';
import type { Objective } from '../../domain/training/gbdt/model.ts';

/** Rows of one run: as many as make the call's own cost small, and few enough to need little memory. */
const CHUNK_ROWS = 2000;

/**
 * What a model answers to the rows of a table, read as a caller's request would be: probability of class 1, or
 * the value.
 *
 * @throws RefusedError, InvalidInputError when the rows lack a column, or the answers are of another kind
 */
export async function scoreTable(
  model: ServedModel,
  table: Table,
  objective: Objective,
): Promise<Float64Array> {
  const { binding } = model;
  if (binding.kind !== 'columns') throw new RefusedError('It takes tensors, not columns by name.');
  const missing = binding.columns.filter(({ name }) => !Object.hasOwn(table.columns, name));
  if (missing.length > 0) {
    throw new RefusedError(`The rows lack ${missing.map(({ name }) => `'${name}'`).join(', ')}.`);
  }
  const names = binding.columns.map(({ name }) => name);
  const read = binding.columns.map(({ name, type }) => makeCellReader(table.columns[name]!, type));
  const scores = new Float64Array(table.rows);
  for (let from = 0; from < table.rows; from += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, table.rows - from);
    const data = Array.from({ length: rows }, (_, i) => read.map((cell) => cell(from + i)));
    const batch = readInvocations({ dataframe_split: { columns: names, data } }, binding);
    const outputs = await model.run(batch.feeds);
    scores.set(readScores(outputs[scoreOutput(model, objective)]!, rows, objective), from);
  }
  return scores;
}

/** A model that wants booleans gets them, though the rows keep 0 and 1. */
function makeCellReader(column: Column, type: string): (row: number) => unknown {
  if (type !== 'boolean') return (row) => cellOf(column, row);
  return (row) => {
    const value = cellOf(column, row);
    return value === null ? null : value === 1;
  };
}

function scoreOutput({ plan }: ServedModel, objective: Objective): string {
  if (objective === 'regression') return plan.names[0]!;
  if (plan.scores === undefined) throw new RefusedError('It answers no probabilities.');
  return plan.scores;
}

function readScores({ data }: Tensor, rows: number, objective: Objective): Float64Array {
  const width = data.length / rows;
  const isClasses = objective === 'binary' && width === 2;
  if (width !== 1 && !isClasses) throw new RefusedError(`It answers ${width} numbers a row.`);
  return Float64Array.from({ length: rows }, (_, row) => Number(data[row * width + width - 1]));
}
