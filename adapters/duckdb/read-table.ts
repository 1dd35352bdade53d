import type { DuckDBValue } from '@duckdb/node-api';
import type { DatasetColumn } from '../../domain/datasets/dataset-records.ts';
import { type Column, categoryColumn, type Table } from '../../domain/shared/table.ts';
import { type Database, quoteName } from './database.ts';

export interface DescribedColumn {
  readonly name: string;
  readonly kind: DatasetColumn['kind'];
}

/** Names and kinds of a relation's columns; nested types have no place in a table of features. */
export async function describeColumns(database: Database, relation: string): Promise<DescribedColumn[]> {
  const rows = await database.rows(`DESCRIBE SELECT * FROM ${relation}`);
  return rows.map(([name, type]) => ({ name: String(name), kind: toKind(String(type)) }));
}

function toKind(type: string): DatasetColumn['kind'] {
  if (type === 'BOOLEAN') return 'boolean';
  if (/^(TIMESTAMP|DATE|TIME)/.test(type)) return 'time';
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|REAL|DECIMAL)/.test(type)) return 'numeric';
  return 'category';
}

/** Reads a relation into columns; times become epoch milliseconds, booleans 0 and 1, missing values NaN or -1. */
export async function readTable(
  database: Database,
  relation: string,
  columns: readonly DescribedColumn[],
): Promise<Table> {
  const list = columns.map(({ name, kind }) => `${toExpression(name, kind)} AS ${quoteName(name)}`);
  const values = await database.columns(`SELECT ${list.join(', ')} FROM ${relation}`);
  const read = columns.map(({ name, kind }) => [name, toColumn(values.get(name) ?? [], kind)] as const);
  const rows = values.get(columns[0]?.name ?? '')?.length ?? 0;
  return { rows, columns: Object.fromEntries(read) };
}

function toExpression(name: string, kind: DatasetColumn['kind']): string {
  const column = quoteName(name);
  if (kind === 'category') return `CAST(${column} AS VARCHAR)`;
  return kind === 'time'
    ? `CAST(epoch_ms(CAST(${column} AS TIMESTAMP)) AS DOUBLE)`
    : `CAST(${column} AS DOUBLE)`;
}

function toColumn(values: readonly DuckDBValue[], kind: DatasetColumn['kind']): Column {
  if (kind === 'category') return categoryColumn(values as (string | null)[]);
  return {
    kind: 'numeric',
    values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
  };
}
