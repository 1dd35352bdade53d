import type { CategoryColumn, Column, Table } from '../../shared/table.ts';
import { computeMoments, missingShare, shareOutside } from './column-facts.ts';
import { type Finding, percent } from './finding.ts';

/** What is known of a column beforehand; what is left out is not checked. */
export interface ColumnExpectation {
  readonly name: string;
  readonly kind: 'numeric' | 'category';
  readonly maxMissingShare?: number;
  readonly min?: number;
  readonly max?: number;
  /** The values that may occur. */
  readonly values?: readonly string[];
  /** Share of rows that may lie outside `min`, `max` or `values`; none when absent. */
  readonly maxInvalidShare?: number;
}

export interface Freshness {
  readonly timeColumn: string;
  /** Age that the newest row may have. */
  readonly maxAgeHours: number;
}

export interface DatasetExpectations {
  readonly columns: readonly ColumnExpectation[];
  readonly minRows?: number;
  readonly freshness?: Freshness;
}

const HOUR_MS = 3_600_000;

/** Clocks differ; a row this far ahead of the platform's is an error of the source. */
const CLOCK_TOLERANCE_MS = HOUR_MS;

/** Schema, missing values, ranges and freshness against what was said about the data set. */
export function checkExpectations(table: Table, expected: DatasetExpectations, nowMs: number): Finding[] {
  return [
    ...checkRowCount(table, expected.minRows ?? 1),
    ...expected.columns.flatMap((column) => checkColumn(table, column)),
    ...(expected.freshness === undefined ? [] : checkFreshness(table, expected.freshness, nowMs)),
  ];
}

function checkRowCount({ rows }: Table, least: number): Finding[] {
  if (rows >= least) return [];
  const message = `There are ${rows} rows, at least ${least} are asked.`;
  return [{ code: 'TOO_FEW_ROWS', severity: 'error', message }];
}

function checkColumn(table: Table, expected: ColumnExpectation): Finding[] {
  const { name } = expected;
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  if (column === undefined) {
    return [{ code: 'MISSING_COLUMN', severity: 'error', column: name, message: `'${name}' is absent.` }];
  }
  if (column.kind !== expected.kind) {
    const message = `'${name}' is ${column.kind}, ${expected.kind} is expected.`;
    return [{ code: 'WRONG_TYPE', severity: 'error', column: name, message }];
  }
  return [...checkMissing(column, expected), ...checkValues(column, expected)];
}

function checkMissing(column: Column, { name, maxMissingShare }: ColumnExpectation): Finding[] {
  const share = missingShare(column);
  if (maxMissingShare === undefined || share <= maxMissingShare) return [];
  const message = `${percent(share)} of '${name}' is missing, ${percent(maxMissingShare)} is allowed.`;
  return [{ code: 'TOO_MANY_MISSING', severity: 'error', column: name, message }];
}

function checkValues(column: Column, expected: ColumnExpectation): Finding[] {
  const { name, values, maxInvalidShare = 0 } = expected;
  const allowed = `${percent(maxInvalidShare)} is allowed`;
  if (column.kind === 'numeric') {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = expected;
    const share = shareOutside(computeMoments(column).sorted, min, max);
    if (share <= maxInvalidShare) return [];
    const message = `${percent(share)} of '${name}' lies outside ${min} to ${max}, ${allowed}.`;
    return [{ code: 'OUT_OF_RANGE', severity: 'error', column: name, message }];
  }
  const share = values === undefined ? 0 : shareUnknown(column, new Set(values));
  if (share <= maxInvalidShare) return [];
  const message = `${percent(share)} of '${name}' has a value that is not listed, ${allowed}.`;
  return [{ code: 'UNKNOWN_VALUES', severity: 'error', column: name, message }];
}

/** Share of the present values that are not among the known ones. */
export function shareUnknown({ codes, dictionary }: CategoryColumn, known: ReadonlySet<string>): number {
  const unknown = dictionary.map((value) => !known.has(value));
  let present = 0;
  let outside = 0;
  for (const code of codes) {
    if (code < 0) continue;
    present += 1;
    if (unknown[code]) outside += 1;
  }
  return present === 0 ? 0 : outside / present;
}

function checkFreshness(table: Table, { timeColumn, maxAgeHours }: Freshness, nowMs: number): Finding[] {
  const column = table.columns[timeColumn];
  if (column?.kind !== 'numeric') {
    const message = `'${timeColumn}' holds no times to tell the age of the rows by.`;
    return [{ code: 'MISSING_COLUMN', severity: 'error', column: timeColumn, message }];
  }
  const newest = computeMoments(column).sorted.at(-1);
  if (newest === undefined) return [];
  const ageHours = (nowMs - newest) / HOUR_MS;
  if (newest > nowMs + CLOCK_TOLERANCE_MS) {
    const message = `The newest row is ${(-ageHours).toFixed(1)} hours in the future.`;
    return [{ code: 'FUTURE_ROWS', severity: 'error', column: timeColumn, message }];
  }
  if (ageHours <= maxAgeHours) return [];
  const message = `The newest row is ${ageHours.toFixed(1)} hours old, ${maxAgeHours} are allowed.`;
  return [{ code: 'STALE', severity: 'error', column: timeColumn, message }];
}
