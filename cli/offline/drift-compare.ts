import { compareTables } from '../../domain/monitoring/compare-tables.ts';
import {
  DRIFT_VERDICTS,
  type DriftReport,
  type DriftVerdict,
} from '../../domain/monitoring/drift/drift-report.ts';
import { isAtLeast } from '../../domain/monitoring/drift/overall-verdict.ts';
import type { Table } from '../../domain/shared/table.ts';
import { EXIT, UsageError } from '../errors.ts';
import { describeDrift } from './describe-drift.ts';
import { readTableFile, type TableFile } from './read-table-file.ts';

export interface DriftCompareOptions {
  /** Paths of Parquet or CSV files. */
  readonly reference: string;
  readonly current: string;
  readonly json?: boolean;
  /** Exit with 3 when the verdict is this or worse. */
  readonly failOn?: string;
  /** Orders the reference's rows; by default its only column of dates, else the order of the file. */
  readonly timeColumn?: string;
}

/** A drift report with what of the files it does not speak of. */
export interface DriftCompareReport extends DriftReport {
  readonly skipped: TableFile['skipped'];
}

export interface DriftCompareResult {
  readonly report: DriftCompareReport;
  readonly exitCode: number;
  /** The report as the command prints it: JSON, or a table for people. */
  readonly text: string;
}

/**
 * Compares two files as the deployed monitor compares a window with its baseline.
 *
 * @throws UsageError when a file is absent or unreadable, when no column is in both, or `failOn` is no verdict.
 */
export async function runDriftCompare(options: DriftCompareOptions): Promise<DriftCompareResult> {
  const failOn = parseVerdict(options.failOn);
  const reference = await readTableFile(options.reference);
  const current = await readTableFile(options.current, reference.kinds);
  const timeColumn = options.timeColumn ?? onlyOne(reference.timeColumns);
  const compared = withoutColumns(reference.table, reference.timeColumns, timeColumn);
  checkColumns(compared, current.table, timeColumn);
  const report: DriftCompareReport = {
    ...compareTables(compared, current.table, timeColumn === undefined ? {} : { timeColumn }),
    skipped: listSkipped(reference, current, timeColumn),
  };
  const negative = failOn !== undefined && isAtLeast(report.verdict, failOn);
  return {
    report,
    exitCode: negative ? EXIT.negativeVerdict : EXIT.done,
    text: options.json === true ? JSON.stringify(report) : describeDrift(report),
  };
}

function parseVerdict(text: string | undefined): DriftVerdict | undefined {
  if (text === undefined) return undefined;
  const verdict = DRIFT_VERDICTS.find((known) => known === text.toUpperCase().replaceAll('-', '_'));
  if (verdict !== undefined) return verdict;
  throw new UsageError(`--fail-on is one of ${DRIFT_VERDICTS.join(', ')}; this is not: ${text}`);
}

function onlyOne(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

/** Dates always move on; they order the rows and are not compared. */
function withoutColumns(table: Table, names: readonly string[], keep: string | undefined): Table {
  const left = Object.entries(table.columns).filter(([name]) => name === keep || !names.includes(name));
  return { rows: table.rows, columns: Object.fromEntries(left) };
}

function checkColumns(reference: Table, current: Table, timeColumn: string | undefined): void {
  const shared = Object.keys(reference.columns).filter(
    (name) => name !== timeColumn && Object.hasOwn(current.columns, name),
  );
  if (shared.length === 0)
    throw new UsageError('The two files have no column in common that can be compared.');
}

function listSkipped(
  reference: TableFile,
  current: TableFile,
  timeColumn: string | undefined,
): { column: string; reason: string }[] {
  const times = reference.timeColumns.map((column) => ({
    column,
    reason: column === timeColumn ? 'orders the rows' : 'dates are not compared',
  }));
  const known = new Set([...Object.keys(reference.kinds), ...reference.skipped.map(({ column }) => column)]);
  const extra = Object.keys(current.kinds)
    .filter((column) => !known.has(column))
    .map((column) => ({ column, reason: 'only in the current file' }));
  return [...reference.skipped, ...times, ...extra];
}
