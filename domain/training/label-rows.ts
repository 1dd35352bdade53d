import { InvalidInputError } from '../shared/domain-error.ts';
import { type Column, cellOf, getColumn, selectRows, type Table } from '../shared/table.ts';
import type { Objective } from './gbdt/model.ts';
import type { LabelledRows } from './gbdt/watch-validation.ts';

/** Which column is learned, and what of it counts as class 1. */
export interface TargetSpec {
  readonly column: string;
  readonly objective: Objective;
  /** Binary: the value that is class 1, any other is class 0. A numeric column of 0 and 1 needs none. */
  readonly positive?: string | number;
}

/**
 * The rows whose target is known, with the target as numbers.
 *
 * @throws InvalidInputError when the column cannot be read as the objective asks.
 */
export function labelRows(table: Table, spec: TargetSpec): LabelledRows {
  const column = getColumn(table, spec.column);
  if (column.kind === 'category' && (spec.objective === 'regression' || spec.positive === undefined)) {
    throw new InvalidInputError(`The target '${spec.column}' holds text.`, [
      {
        path: 'target.positive',
        message: 'must name the value that is class 1, and the objective be binary',
      },
    ]);
  }
  const known = knownRows(column, table.rows);
  const kept = known.length === table.rows ? table : selectRows(table, known);
  return { table: kept, target: Float64Array.from(known, (row) => toTarget(column, row, spec)) };
}

function knownRows(column: Column, rows: number): Uint32Array {
  const known = new Uint32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) if (cellOf(column, row) !== null) known[count++] = row;
  return known.slice(0, count);
}

function toTarget(column: Column, row: number, { objective, positive }: TargetSpec): number {
  const value = cellOf(column, row)!;
  if (objective === 'regression' || positive === undefined) return value as number;
  return value === positive ? 1 : 0;
}
