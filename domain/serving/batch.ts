import type { Binding, ColumnBinding } from './binding.ts';
import { floatLimit, isMissing } from './cell.ts';
import { type Problems, refuse } from './problems.ts';
import { allocateTensorData, type NamedTensors, type Tensor, type TensorData } from './tensor.ts';

/** Rows of a request as the tensors that the model runs on. */
export interface Batch {
  readonly rows: number;
  readonly feeds: NamedTensors;
}

/** Where rows of columns come from, whatever the protocol. */
export interface ColumnSource {
  readonly rows: number;
  /** Whether the request has the column at all. */
  has(column: number): boolean;
  /** The value: `null` is missing, `undefined` is left out. */
  value(row: number, column: number): unknown;
  path(row: number, column: number): string;
  /** Where to report a column that the request does not have. */
  readonly columnsPath: string;
}

/** Refuses empty requests, and other batches than the model was exported for. */
export function checkRows(rows: number, path: string, binding: Binding): void {
  if (rows === 0) refuse(path, 'must have at least one row');
  const { fixed } = binding.rows;
  if (fixed !== undefined && fixed !== rows) {
    refuse(path, `must have exactly ${fixed} rows, as the model was exported for`);
  }
}

/** One typed array for each input of the graph. */
export function allocateColumns(binding: ColumnBinding, rows: number): TensorData[] {
  return binding.inputs.map((input) => allocateTensorData(input.type, rows * input.width));
}

export function toBatch(binding: ColumnBinding, rows: number, data: readonly TensorData[]): Batch {
  const feeds: Record<string, Tensor> = {};
  binding.inputs.forEach((input, index) => {
    const dims = input.flat ? [rows] : [rows, input.width];
    feeds[input.name] = { type: input.type, data: data[index] as TensorData, dims };
  });
  return { rows, feeds };
}

/** Reads every value with its column's reader; wrong ones go to `problems`. */
export function readColumns(binding: ColumnBinding, source: ColumnSource, problems: Problems): Batch {
  const data = allocateColumns(binding, source.rows);
  for (let column = 0; column < binding.columns.length && !problems.isFull; column++) {
    readColumn(binding, column, source, data, problems);
  }
  return toBatch(binding, source.rows, data);
}

function readColumn(
  binding: ColumnBinding,
  column: number,
  source: ColumnSource,
  data: readonly TensorData[],
  problems: Problems,
): void {
  const { name, required, reader, input, offset } = binding.columns[column]!;
  const { width } = binding.inputs[input]!;
  const target = data[input] as unknown[];
  const present = source.has(column);
  if (!present && (required || reader.missing === undefined)) {
    const why = required ? '' : ': no missing value is taken for it';
    problems.add(source.columnsPath, `must have the column '${name}'${why}`);
    return;
  }
  for (let row = 0, at = offset; row < source.rows; row++, at += width) {
    const value = present ? source.value(row, column) : null;
    const isLeftOut = isMissing(value) || (value === undefined && !required);
    const stored = isLeftOut ? reader.missing : reader.read(value);
    if (stored !== undefined) target[at] = stored;
    else problems.add(source.path(row, column), describeWrong(value, reader.expected));
    if (problems.isFull) return;
  }
}

/** What is wrong with a value, without repeating more of it than its kind. */
export function describeWrong(value: unknown, expected: string): string {
  if (value === undefined) return `is missing and must be ${expected}`;
  if (isMissing(value)) return `must be ${expected}: no missing value is taken for it`;
  const kind = Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value}`;
  return `must be ${expected}, not ${typeof value === 'number' ? value : kind}`;
}

/**
 * Reads records of floats whose keys come in the signature's order, as serialised tables have them: three
 * times as fast as looking each name up.
 *
 * @returns undefined when a record is not of that kind, and the general reader has to say what it is.
 */
export function readFloatRecords(binding: ColumnBinding, records: readonly unknown[]): Batch | undefined {
  const names = binding.columns.map((column) => column.name);
  const [data] = allocateColumns(binding, records.length) as [Float32Array];
  const limit = floatLimit(binding.inputs[0]!.type);
  let at = 0;
  for (const record of records) {
    if (typeof record !== 'object' || record === null) return undefined;
    let column = 0;
    for (const name in record) {
      if (name !== names[column]) return undefined;
      const value = (record as Record<string, unknown>)[name];
      if (typeof value === 'number' && value <= limit && value >= -limit) data[at] = value;
      else if (value === null) data[at] = Number.NaN;
      else return undefined;
      column++;
      at++;
    }
    if (column !== names.length) return undefined;
  }
  return toBatch(binding, records.length, [data]);
}

/** The same for rows that are lists in the signature's order; undefined as above. */
export function readFloatRows(binding: ColumnBinding, rows: readonly unknown[]): Batch | undefined {
  const width = binding.columns.length;
  const [data] = allocateColumns(binding, rows.length) as [Float32Array];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!Array.isArray(row) || row.length !== width) return undefined;
    if (!copyFloats(row, data, i * width, floatLimit(binding.inputs[0]!.type))) return undefined;
  }
  return toBatch(binding, rows.length, [data]);
}

/** Copies finite numbers, null as NaN; false when there was anything else. */
export function copyFloats(
  values: ArrayLike<unknown>,
  target: Float32Array | Float64Array,
  offset: number,
  limit: number,
): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number' && value <= limit && value >= -limit) target[offset + i] = value;
    else if (value === null) target[offset + i] = Number.NaN;
    else return false;
  }
  return true;
}
