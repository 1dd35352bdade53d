import { NotFoundError } from './domain-error.ts';

/** Numbers, NaN where the value is missing; times are epoch milliseconds, booleans 0 and 1. */
export interface NumericColumn {
  readonly kind: 'numeric';
  readonly values: Float64Array;
}

/** Strings as indexes into a dictionary of distinct values, -1 where the value is missing. */
export interface CategoryColumn {
  readonly kind: 'category';
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

export type Column = NumericColumn | CategoryColumn;

/** Rows held column by column; every column has `rows` entries. */
export interface Table {
  readonly rows: number;
  readonly columns: Readonly<Record<string, Column>>;
}

export function numericColumn(values: ArrayLike<number | null>): NumericColumn {
  return { kind: 'numeric', values: Float64Array.from(values, (value) => value ?? Number.NaN) };
}

/** Encodes strings; the dictionary is in order of first appearance. */
export function categoryColumn(values: ArrayLike<string | null>): CategoryColumn {
  const indexes = new Map<string, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? null;
    if (value === null) codes[row] = -1;
    else {
      let code = indexes.get(value);
      if (code === undefined) {
        code = indexes.size;
        indexes.set(value, code);
      }
      codes[row] = code;
    }
  }
  return { kind: 'category', codes, dictionary: [...indexes.keys()] };
}

/** Throws `NotFoundError` when the table has no column of this name. */
export function getColumn(table: Table, name: string): Column {
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  if (column === undefined) throw new NotFoundError('column', name);
  return column;
}

/** The value in one row: a number, a string, or null when missing. */
export function cellOf(column: Column, row: number): number | string | null {
  if (column.kind === 'category') return column.dictionary[column.codes[row] ?? -1] ?? null;
  const value = column.values[row];
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** The given rows in the given order; dictionaries are shared with the source. */
export function selectRows(table: Table, rows: Uint32Array): Table {
  const columns: Record<string, Column> = {};
  for (const [name, column] of Object.entries(table.columns)) columns[name] = selectColumn(column, rows);
  return { rows: rows.length, columns };
}

function selectColumn(column: Column, rows: Uint32Array): Column {
  if (column.kind === 'numeric') {
    const values = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i]!]!;
    return { kind: 'numeric', values };
  }
  const codes = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) codes[i] = column.codes[rows[i]!]!;
  return { kind: 'category', codes, dictionary: column.dictionary };
}
