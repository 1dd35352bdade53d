import { InvalidInputError } from '../shared/domain-error.ts';
import type { Column } from '../shared/table.ts';
import type { LabelledRows } from './gbdt/watch-validation.ts';

/** Labelled rows as bytes, and what is to be known with them. */
export interface RowsFile {
  readonly rows: LabelledRows;
  readonly facts: Readonly<Record<string, unknown>>;
}

interface Header {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly dictionary?: readonly string[] }[];
  readonly facts: Readonly<Record<string, unknown>>;
}

const MAGIC = 0x50524e31;
const ALIGNMENT = 8;

/**
 * Rows as the arrays that the trainer works on, behind a header in JSON: every trial reads them, and this is
 * read at the speed of memory where Parquet would be decoded each time.
 */
export function writeRowsFile({ rows: { table, target }, facts }: RowsFile): Uint8Array {
  const columns = Object.entries(table.columns);
  const header: Header = {
    rows: table.rows,
    columns: columns.map(([name, column]) =>
      column.kind === 'category' ? { name, dictionary: column.dictionary } : { name },
    ),
    facts,
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const parts: ArrayBufferView[] = [target, ...columns.map(([, column]) => arrayOf(column))];
  const start = align(8 + text.length);
  const bytes = new Uint8Array(parts.reduce((end, part) => align(end + part.byteLength), start));
  new Uint32Array(bytes.buffer, 0, 2).set([MAGIC, text.length]);
  bytes.set(text, 8);
  let offset = start;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset = align(offset + part.byteLength);
  }
  return bytes;
}

/** @throws InvalidInputError when the bytes are something else */
export function readRowsFile(given: Uint8Array): RowsFile {
  // A copy of its own starts at an address that every array may start at.
  const bytes = given.byteOffset % ALIGNMENT === 0 ? given : given.slice();
  const [magic, length = 0] = new Uint32Array(bytes.buffer, bytes.byteOffset, 2);
  if (magic !== MAGIC) throw new InvalidInputError('These are no prepared rows.');
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  let offset = bytes.byteOffset + align(8 + length);
  const { rows } = header;
  const target = new Float64Array(bytes.buffer, offset, rows);
  offset = align(offset + target.byteLength);
  const columns: Record<string, Column> = {};
  for (const { name, dictionary } of header.columns) {
    const column: Column =
      dictionary === undefined
        ? { kind: 'numeric', values: new Float64Array(bytes.buffer, offset, rows) }
        : { kind: 'category', codes: new Int32Array(bytes.buffer, offset, rows), dictionary };
    columns[name] = column;
    offset = align(offset + arrayOf(column).byteLength);
  }
  return { rows: { table: { rows, columns }, target }, facts: header.facts };
}

function arrayOf(column: Column): Float64Array | Int32Array {
  return column.kind === 'numeric' ? column.values : column.codes;
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
