import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Column } from '../../domain/shared/table.ts';
import type { ColumnKinds, TableFile } from './read-table-file.ts';

/** What pandas names an index that it stores as a column. */
const PANDAS_INDEX = /^__index_level_\d+__$/;

/** Reads a Parquet file column by column, so that no row ever becomes an object. */
export async function readParquetTable(path: string, _kinds: ColumnKinds): Promise<TableFile> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const rows = Number(metadata.num_rows);
  const columns: Record<string, Column> = {};
  const kinds: Record<string, 'numeric' | 'category' | 'time'> = {};
  const skipped: { column: string; reason: string }[] = [];
  for (const element of topLevelElements(metadata)) {
    const kind = kindOf(element);
    if (kind === null || PANDAS_INDEX.test(element.name)) {
      skipped.push({ column: element.name, reason: kind === null ? 'nested values' : 'an index' });
      continue;
    }
    kinds[element.name] = kind;
    columns[element.name] = await readColumn(file, metadata, element.name, kind, rows);
  }
  const timeColumns = Object.keys(kinds).filter((name) => kinds[name] === 'time');
  return { table: { rows, columns }, kinds, timeColumns, skipped };
}

function topLevelElements({ schema }: FileMetaData): SchemaElement[] {
  const elements: SchemaElement[] = [];
  for (let i = 1; i < schema.length; i += sizeOf(schema, i)) elements.push(schema[i]!);
  return elements;
}

/** How many entries of the schema's list an element and its children take. */
function sizeOf(schema: readonly SchemaElement[], index: number): number {
  let size = 1;
  for (let child = 0; child < (schema[index]?.num_children ?? 0); child++)
    size += sizeOf(schema, index + size);
  return size;
}

function kindOf(element: SchemaElement): 'numeric' | 'category' | 'time' | null {
  if (element.num_children !== undefined || element.repetition_type === 'REPEATED') return null;
  const logical = element.logical_type?.type;
  const converted = element.converted_type ?? '';
  if (logical === 'DATE' || logical === 'TIMESTAMP' || element.type === 'INT96') return 'time';
  if (converted === 'DATE' || converted.startsWith('TIMESTAMP')) return 'time';
  if (logical === 'DECIMAL' || converted === 'DECIMAL') return 'numeric';
  const isText = element.type === 'BOOLEAN' || element.type?.endsWith('BYTE_ARRAY');
  return isText ? 'category' : 'numeric';
}

async function readColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  name: string,
  kind: 'numeric' | 'category' | 'time',
  rows: number,
): Promise<Column> {
  const column = kind === 'category' ? new CategoryFiller(rows) : new NumericFiller(rows);
  await parquetRead({
    file,
    metadata,
    compressors,
    columns: [name],
    onChunk: ({ columnData, rowStart }) => column.fill(columnData as ArrayLike<unknown>, rowStart),
  });
  return column.finish();
}

class NumericFiller {
  readonly #values: Float64Array;

  constructor(rows: number) {
    this.#values = new Float64Array(rows).fill(Number.NaN);
  }

  fill(data: ArrayLike<unknown>, from: number): void {
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      // Dates become epoch milliseconds, big integers the nearest double.
      if (value !== null && value !== undefined) this.#values[from + i] = Number(value);
    }
  }

  finish(): Column {
    return { kind: 'numeric', values: this.#values };
  }
}

class CategoryFiller {
  readonly #codes: Int32Array;
  readonly #known = new Map<unknown, number>();

  constructor(rows: number) {
    this.#codes = new Int32Array(rows).fill(-1);
  }

  fill(data: ArrayLike<unknown>, from: number): void {
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      if (value === null || value === undefined) continue;
      const text = typeof value === 'string' ? value : String(value);
      let code = this.#known.get(text);
      if (code === undefined) {
        code = this.#known.size;
        this.#known.set(text, code);
      }
      this.#codes[from + i] = code;
    }
  }

  finish(): Column {
    return { kind: 'category', codes: this.#codes, dictionary: [...this.#known.keys()] as string[] };
  }
}
