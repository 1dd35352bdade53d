import { type CategoryColumn, type Column, getColumn, type NumericColumn, type Table } from '../table.ts';
import { categoricalBinCodes, numericBinCodes } from './bin-codes.ts';
import { buildCategoricalProfile } from './categorical-profile.ts';
import { type Chunk, cutChunks, type LikeWindows } from './chunk.ts';
import { buildJointProfile } from './joint-profile.ts';
import { buildNumericProfile } from './numeric-profile.ts';
import { type ColumnProfile, PROFILE_SCHEMA_VERSION, type Profile } from './profile.ts';
import { sortedFinite } from './quantile.ts';
import { type BinnedColumn, measureSpread } from './spread.ts';

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
  /** Length of those windows in milliseconds, when there is a time column. */
  readonly windowMs?: number;
  /**
   * Whether the order of the rows means time: `unless-sorted` distrusts the order of a table that is sorted by
   * one of its columns, `none` distrusts it always. @default 'by-order'
   */
  readonly spread?: 'by-order' | 'unless-sorted' | 'none';
  /** Told the sorted finite values of each numeric feature, for who needs them too. */
  readonly onSorted?: (name: string, sorted: Float64Array) => void;
}

/**
 * Describes a reference so that its rows are not needed again.
 *
 * @throws NotFoundError when a named column is absent.
 */
export function buildProfile(table: Table, options: BuildProfileOptions = {}): Profile {
  const { order, times } = orderByTime(table, options.timeColumn);
  const cuts = cutChunks(table.rows, likeWindows(options), times);
  const names = options.columns ?? featureNames(table, options);
  const describe = (name: string) => buildColumn(name, getColumn(table, name), order, cuts, options);
  const built = names.map(describe);
  const trusted = isTrusted(
    built.map(({ profile }) => profile),
    options.spread,
  );
  const columns = built.map(({ profile }) => (trusted ? profile : withoutSpread(profile)));
  const joint = buildJointProfile(
    columns,
    built.map(({ codes }) => codes),
    trusted ? cuts : [],
  );
  const output = (name: string | undefined) => (name === undefined ? undefined : describe(name).profile);
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
  cuts: readonly (readonly Chunk[])[],
  options: BuildProfileOptions,
): { profile: ColumnProfile; codes: Int32Array } {
  const { profile, binned } =
    column.kind === 'numeric'
      ? buildNumeric(name, column, order, options)
      : buildCategorical(name, column, order);
  const importance = options.importances?.[name];
  return {
    profile: {
      ...profile,
      ...(cuts.length > 0 &&
        options.spread !== 'none' && { spread: cuts.map((chunks) => measureSpread(binned, chunks)) }),
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

function likeWindows({ windowRows, windowMs }: BuildProfileOptions): LikeWindows {
  return {
    ...(windowRows !== undefined && { rows: windowRows }),
    ...(windowMs !== undefined && { ms: windowMs }),
  };
}

/** Above this correlation between rows of the smallest chunks a table is sorted by the column. */
const SORTED_CORRELATION = 0.5;

function isTrusted(columns: readonly ColumnProfile[], spread: BuildProfileOptions['spread']): boolean {
  if (spread === 'none') return false;
  if (spread !== 'unless-sorted') return true;
  return columns.every((column) => {
    const smallest = column.spread?.[0];
    if (smallest === undefined) return true;
    const inflation = Math.max(smallest.location, smallest.body);
    return (inflation - 1) / smallest.rows < SORTED_CORRELATION;
  });
}

function withoutSpread(profile: ColumnProfile): ColumnProfile {
  const { spread: _, ...rest } = profile;
  return rest;
}

/** Rows by time, those without a time last, and their times; no order when the table has it already. */
function orderByTime(
  table: Table,
  timeColumn: string | undefined,
): { order?: Uint32Array; times?: Float64Array } {
  if (timeColumn === undefined) return {};
  const column = getColumn(table, timeColumn);
  const given =
    column.kind === 'numeric'
      ? column.values
      : Float64Array.from(column.codes, (code) => Date.parse(column.dictionary[code] ?? ''));
  const times = given.map((time) => (Number.isNaN(time) ? Number.POSITIVE_INFINITY : time));
  if (times.every((time, row) => row === 0 || times[row - 1]! <= time)) return { times };
  const order = Uint32Array.from({ length: table.rows }, (_, row) => row);
  order.sort((a, b) => (times[a] === times[b] ? a - b : times[a]! < times[b]! ? -1 : 1));
  return { order, times: Float64Array.from(order, (row) => times[row]!) };
}
