import { existsSync } from 'node:fs';
import type { Table } from '../../domain/shared/table.ts';
import { UsageError } from '../errors.ts';
import { readCsvTable } from './read-csv-table.ts';
import { readParquetTable } from './read-parquet-table.ts';

/** Kinds that columns of one file must have because they have them in another. */
export type ColumnKinds = Readonly<Record<string, 'numeric' | 'category' | 'time'>>;

/** A file's rows by column, and what was left out of them. */
export interface TableFile {
  readonly table: Table;
  readonly kinds: ColumnKinds;
  /** Columns that hold dates; they are in the table as epoch milliseconds. */
  readonly timeColumns: readonly string[];
  readonly skipped: readonly { readonly column: string; readonly reason: string }[];
}

/**
 * Reads a Parquet or CSV file, told apart by its name.
 *
 * @throws UsageError when the file is absent, of another type or not readable.
 */
export async function readTableFile(path: string, kinds: ColumnKinds = {}): Promise<TableFile> {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  const read = /\.(parquet|pq)$/i.test(path) ? readParquetTable : readCsvTable;
  if (read === readCsvTable && !/\.(csv|tsv|txt)$/i.test(path)) {
    throw new UsageError(`${path} is neither .parquet nor .csv.`);
  }
  try {
    return await read(path, kinds);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
