import { type CategoryColumn, type Column, getColumn, type NumericColumn, type Table } from '../table.ts';
import { categoricalBinCodes, numericBinCodes } from './bin-codes.ts';
import { buildCategoricalProfile } from './categorical-profile.ts';
import { buildJointProfile } from './joint-profile.ts';
import { buildNumericProfile } from './numeric-profile.ts';
import { type ColumnProfile, PROFILE_SCHEMA_VERSION, type Profile } from './profile.ts';
import { sortedFinite } from './quantile.ts';
import { type BinnedColumn, chunkSizes, measureSpread } from './spread.ts';

export interface BuildProfileOptions {
  /** Features, in the order of the signature; every other column of the table when absent. */
  readonly columns?: readonly string[];
  /** Orders the rows; the order of the table when absent. Never profiled itself. */
  readonly timeColumn?: string;
  /** What the model answered, and its score of the positive class. */
  readonly predictionColumn?: string;
  readonly scoreColumn?: string;
  /** Share of the model's decisions by column. */
  readonly importances?: Readonly<Record<string, number>>;
  /** Rows of the windows that will be compared; their own size gives the best estimate of the spread. */
  readonly windowRows?: number;
  /** `none` when the order of the rows means nothing, as in a file sorted by a column. */
  readonly spread?: 'by-order' | 'none';
  /** Told the sorted finite values of each numeric feature, for who needs them too. */
  readonly onSorted?: (name: string, sorted: Float64Array) => void;
}

/**
 * Describes a reference so that its rows are not needed again.
 *
 * @throws NotFoundError when a named column is absent.
 */
export function buildProfile(table: Table, options: BuildProfileOptions = {}): Profile {
  const order = options.timeColumn === undefined ? undefined : timeOrder(table, options.timeColumn);
  const names = options.columns ?? featureNames(table, options);
  const built = names.map((name) => buildColumn(name, getColumn(table, name), order, options));
  const columns = built.map(({ profile }) => profile);
  const joint = buildJointProfile(
    columns,
    built.map(({ codes }) => codes),
  );
  const output = (name: string | undefined) =>
    name === undefined ? undefined : buildColumn(name, getColumn(table, name), order, options).profile;
  const prediction = output(options.predictionColumn);
  const score = output(options.scoreColumn);
  return {
    schemaVersion: PROFILE_SCHEMA_VERSION,
    rows: table.rows,
    columns,
    ...(prediction && { prediction }),
    ...(score && { score }),
    ...(joint && { joint }),
  };
}

function featureNames(table: Table, options: BuildProfileOptions): string[] {
  const special = [options.timeColumn, options.predictionColumn, options.scoreColumn];
  return Object.keys(table.columns).filter((name) => !special.includes(name));
}

function buildColumn(
  name: string,
  column: Column,
  order: Uint32Array | undefined,
  options: BuildProfileOptions,
): { profile: ColumnProfile; codes: Int32Array } {
  const { profile, binned } =
    column.kind === 'numeric'
      ? buildNumeric(name, column, order, options)
      : buildCategorical(name, column, order);
  const sizes = options.spread === 'none' ? [] : chunkSizes(binned.codes.length, options.windowRows);
  const importance = options.importances?.[name];
  return {
    profile: {
      ...profile,
      ...(sizes.length > 0 && { spread: sizes.map((rows) => measureSpread(binned, rows)) }),
      ...(importance !== undefined && { importance }),
    },
    codes: binned.codes,
  };
}

function buildNumeric(
  name: string,
  column: NumericColumn,
  order: Uint32Array | undefined,
  { onSorted }: BuildProfileOptions,
) {
  const sorted = sortedFinite(column.values);
  onSorted?.(name, sorted);
  const profile = buildNumericProfile(name, column.values, sorted);
  const codes = numericBinCodes(column, profile, order);
  const values = order === undefined ? column.values : Float64Array.from(order, (row) => column.values[row]!);
  const binned: BinnedColumn = { codes, bins: profile.counts.length, ordered: true, values };
  return { profile, binned };
}

function buildCategorical(name: string, column: CategoryColumn, order: Uint32Array | undefined) {
  const profile = buildCategoricalProfile(name, column);
  const codes = categoricalBinCodes(column, profile, order);
  const binned: BinnedColumn = { codes, bins: profile.values.length + 1, ordered: false };
  return { profile, binned };
}

/** Rows by time, those without a time last; undefined when the table is in that order already. */
function timeOrder(table: Table, timeColumn: string): Uint32Array | undefined {
  const column = getColumn(table, timeColumn);
  const rows = Uint32Array.from({ length: table.rows }, (_, row) => row);
  const keys =
    column.kind === 'numeric'
      ? column.values
      : Float64Array.from(column.codes, (code) => Date.parse(column.dictionary[code] ?? ''));
  const key = (row: number) => (Number.isNaN(keys[row]!) ? Number.POSITIVE_INFINITY : keys[row]!);
  if (rows.every((row) => row === 0 || key(row - 1) <= key(row))) return undefined;
  return rows.sort((a, b) => (key(a) === key(b) ? a - b : key(a) < key(b) ? -1 : 1));
}
