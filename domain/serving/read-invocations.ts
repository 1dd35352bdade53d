import {
  type Batch,
  type ColumnSource,
  checkRows,
  readColumns,
  readFloatRecords,
  readFloatRows,
  toBatch,
} from './batch.ts';
import type { Binding, ColumnBinding } from './binding.ts';
import { toPlainList } from './matrix-body.ts';
import { NumberList } from './number-list.ts';
import { Problems, refuse } from './problems.ts';
import { readParams } from './read-params.ts';
import { readTensorInputs, readTensorInstances } from './read-tensors.ts';

const FORMATS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;
type Format = (typeof FORMATS)[number];

/**
 * Reads a body of MLflow's `/invocations`: exactly one of the four formats, and `params` if wished.
 *
 * @throws InvalidInputError with the path of each wrong field.
 */
export function readInvocations(body: Readonly<Record<string, unknown>>, binding: Binding): Batch {
  let format: Format | undefined;
  for (const key in body) {
    if (key === 'params') continue;
    if (!FORMATS.includes(key as Format))
      refuse(key, `is not known; the body takes one of ${FORMATS.join(', ')}`);
    if (format !== undefined) refuse(key, `must not come together with ${format}`);
    format = key as Format;
  }
  if (format === undefined) refuse('', `The body must have one of ${FORMATS.join(', ')}`);
  const batch =
    binding.kind === 'columns'
      ? readTable(format, body[format], binding)
      : format === 'inputs'
        ? readTensorInputs(body[format], binding)
        : format === 'instances'
          ? readTensorInstances(body[format], binding)
          : refuse(format, 'is for tables, and the model takes tensors: send inputs or instances');
  if (binding.params.length === 0 && body.params === undefined) return batch;
  return { rows: batch.rows, feeds: { ...batch.feeds, ...readParams(body.params, binding.params) } };
}

function readTable(format: Format, value: unknown, binding: ColumnBinding): Batch {
  if (format === 'dataframe_split') return readSplit(value, binding);
  if (format === 'inputs' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return readColumnLists(toLists(value as Record<string, unknown>), binding);
  }
  if (!Array.isArray(value)) refuse(format, 'must be a list of rows');
  checkRows(value.length, format, binding);
  if (format === 'dataframe_records' || isRecord(value[0])) return readRecords(format, value, binding);
  return readRows(format, value, identity(binding), binding);
}

function readSplit(value: unknown, binding: ColumnBinding): Batch {
  const path = 'dataframe_split';
  if (!isRecord(value)) refuse(path, 'must be an object with columns and data');
  const { columns, data: given, index: _, ...others } = value;
  const [other] = Object.keys(others);
  if (other !== undefined) refuse(`${path}.${other}`, 'is not known; there are columns, data and index');
  if (columns !== undefined && !Array.isArray(columns)) refuse(`${path}.columns`, 'must be a list of names');
  if (given instanceof NumberList && given.width === binding.columns.length) {
    const positions =
      columns === undefined ? identity(binding) : findColumns(columns, `${path}.columns`, binding);
    if (positions.inOrder) return readNumbers(given.values, `${path}.data`, binding);
  }
  const data = toPlainList(given);
  if (!Array.isArray(data)) refuse(`${path}.data`, 'must be a list of rows');
  checkRows(data.length, `${path}.data`, binding);
  const positions =
    columns === undefined ? identity(binding) : findColumns(columns, `${path}.columns`, binding);
  return readRows(`${path}.data`, data, positions, binding);
}

/** A matrix that arrived as one. */
export function readNumbers(values: Float32Array, path: string, binding: ColumnBinding): Batch {
  const rows = values.length / binding.columns.length;
  checkRows(rows, path, binding);
  return toBatch(binding, rows, [values]);
}

/** For each column of the signature its place in a row, −1 when the request leaves it out. */
interface Positions {
  readonly of: readonly number[];
  readonly width: number;
  readonly inOrder: boolean;
}

function identity(binding: ColumnBinding): Positions {
  return { of: binding.columns.map((_, index) => index), width: binding.columns.length, inOrder: true };
}

/** Names to places; unknown and repeated names are refused. */
export function findColumns(names: readonly unknown[], path: string, binding: ColumnBinding): Positions {
  const of = new Array<number>(binding.columns.length).fill(-1);
  let inOrder = names.length === binding.columns.length;
  const problems = new Problems();
  for (let i = 0; i < names.length; i++) {
    const column = binding.indexOf.get(names[i] as string);
    if (column === undefined) {
      if (!binding.ignoresUnknown)
        problems.add(`${path}[${i}]`, `is not a column of the model: ${quote(names[i])}`);
    } else if (of[column] !== -1) problems.add(`${path}[${i}]`, `names ${quote(names[i])} a second time`);
    else of[column] = i;
    if (column !== i) inOrder = false;
  }
  problems.throwIfAny();
  return { of, width: names.length, inOrder };
}

function readRows(
  path: string,
  rows: readonly unknown[],
  positions: Positions,
  binding: ColumnBinding,
): Batch {
  if (positions.inOrder && binding.isFloatMatrix) {
    const batch = readFloatRows(binding, rows);
    if (batch !== undefined) return batch;
  }
  const problems = new Problems();
  const { of, width } = positions;
  rows.forEach((row, i) => {
    if (!Array.isArray(row)) problems.add(`${path}[${i}]`, 'must be a list of values');
    else if (row.length !== width)
      problems.add(`${path}[${i}]`, `must have ${width} values, and has ${row.length}`);
  });
  problems.throwIfAny();
  const table = rows as readonly (readonly unknown[])[];
  return finish(binding, problems, {
    rows: rows.length,
    has: (column) => of[column] !== -1,
    value: (row, column) => table[row]![of[column]!],
    path: (row, column) => `${path}[${row}][${of[column]}]`,
    columnsPath: path.replace(/data$/, 'columns'),
  });
}

function readRecords(path: string, records: readonly unknown[], binding: ColumnBinding): Batch {
  if (binding.isFloatMatrix) {
    const batch = readFloatRecords(binding, records);
    if (batch !== undefined) return batch;
  }
  const problems = new Problems();
  records.forEach((record, i) => {
    if (!isRecord(record)) problems.add(`${path}[${i}]`, 'must be an object of column names and values');
    else if (!binding.ignoresUnknown) {
      for (const name in record) {
        if (!binding.indexOf.has(name)) problems.add(`${path}[${i}].${name}`, 'is not a column of the model');
      }
    }
  });
  problems.throwIfAny();
  const table = records as readonly Readonly<Record<string, unknown>>[];
  return finish(binding, problems, {
    rows: records.length,
    has: () => true,
    value: (row, column) => ownValue(table[row]!, binding.columns[column]!.name),
    path: (row, column) => `${path}[${row}].${binding.columns[column]!.name}`,
    columnsPath: path,
  });
}

/** One row may come without lists, as MLflow takes it. */
function toLists(columns: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const values = Object.values(columns);
  const isRow = values.length > 0 && values.every((value) => typeof value !== 'object' || value === null);
  if (!isRow) return columns;
  return Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, [value]]));
}

function readColumnLists(columns: Readonly<Record<string, unknown>>, binding: ColumnBinding): Batch {
  const known = (name: string) => binding.indexOf.has(name);
  const given = Object.keys(columns);
  const names = binding.ignoresUnknown ? given.filter(known) : given;
  const problems = new Problems();
  const lists = names.map((name) => columns[name]);
  const rows = Array.isArray(lists[0]) ? lists[0].length : 0;
  names.forEach((name, i) => {
    const list = lists[i];
    if (!known(name)) problems.add(`inputs.${name}`, 'is not a column of the model');
    else if (!Array.isArray(list)) problems.add(`inputs.${name}`, 'must be a list of values');
    else if (list.length !== rows)
      problems.add(`inputs.${name}`, `must have ${rows} values, and has ${list.length}`);
  });
  problems.throwIfAny();
  checkRows(rows, 'inputs', binding);
  const byColumn = binding.columns.map(
    ({ name }) => ownValue(columns, name) as readonly unknown[] | undefined,
  );
  return finish(binding, problems, {
    rows,
    has: (column) => byColumn[column] !== undefined,
    value: (row, column) => byColumn[column]![row],
    path: (row, column) => `inputs.${binding.columns[column]!.name}[${row}]`,
    columnsPath: 'inputs',
  });
}

function finish(binding: ColumnBinding, problems: Problems, source: ColumnSource): Batch {
  const batch = readColumns(binding, source, problems);
  problems.throwIfAny();
  return batch;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A column may be called `constructor`: only the request's own keys count. */
function ownValue(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function quote(name: unknown): string {
  return typeof name === 'string' ? `'${name.slice(0, 100)}'` : 'not a string';
}
