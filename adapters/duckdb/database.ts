import { createRequire } from 'node:module';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';

type DuckDb = typeof import('@duckdb/node-api');

/** A layer's module is found by require only: ESM imports do not look into NODE_PATH. */
const require = createRequire(import.meta.url);

/** One in-memory database; values come back as JavaScript's own where DuckDB has them. */
export interface Database {
  run(sql: string): Promise<void>;
  /** Rows as arrays in the order of the query's columns. */
  rows(sql: string): Promise<DuckDBValue[][]>;
  /** Columns by name. */
  columns(sql: string): Promise<ReadonlyMap<string, DuckDBValue[]>>;
  close(): void;
}

/**
 * Opens a database that touches no network: extensions are linked in or absent, and S3 is read with the SDK.
 *
 * @param threads at most the function's vCPUs (memory ÷ 1,769 MB)
 */
export async function openDatabase(threads = 2): Promise<Database> {
  const { DuckDBInstance } = require('@duckdb/node-api') as DuckDb;
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: '/tmp/duckdb',
    home_directory: '/tmp',
  });
  const connection = await instance.connect();
  return toDatabase(connection, () => {
    connection.closeSync();
    instance.closeSync();
  });
}

function toDatabase(connection: DuckDBConnection, close: () => void): Database {
  return {
    close,
    run: async (sql) => {
      await connection.run(sql);
    },
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRows(),
    columns: async (sql) => {
      const result = await connection.runAndReadAll(sql);
      const columns = result.getColumns();
      return new Map(result.columnNames().map((name, i) => [name, columns[i] ?? []]));
    },
  };
}

/** A string literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A column or table name. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `['a', 'b']` for functions that read several files. */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quoteText).join(', ')}]`;
}
