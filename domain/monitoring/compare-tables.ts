import { buildProfile } from '../shared/profile/build-profile.ts';
import { sortedFinite } from '../shared/profile/quantile.ts';
import type { Table } from '../shared/table.ts';
import { addTable } from './add-table.ts';
import { compareColumns, compareNumericValues } from './compare-columns.ts';
import { type AssessDriftOptions, assessDrift } from './drift/assess-drift.ts';
import type { Comparison } from './drift/binned-statistics.ts';
import type { ColumnDrift, DriftReport } from './drift/drift-report.ts';
import { createSketch } from './sketch.ts';

export interface CompareTablesOptions extends AssessDriftOptions {
  /** Orders the reference's rows; the order of the table when absent. Not compared. */
  readonly timeColumn?: string;
}

/**
 * Compares two tables that are both at hand: verdicts are the deployed monitor's, from a profile of the
 * reference and a sketch of the current rows; statistics are exact.
 */
export function compareTables(
  reference: Table,
  current: Table,
  options: CompareTablesOptions = {},
): DriftReport {
  const exact = new Map<string, Comparison | null>();
  const profile = buildProfile(reference, {
    windowRows: current.rows,
    ...likeWindow(current, options.timeColumn),
    spread: options.timeColumn === undefined ? 'unless-sorted' : 'by-order',
    onSorted: (name, sorted) => {
      const column = current.columns[name];
      if (column?.kind === 'numeric')
        exact.set(name, compareNumericValues(sorted, sortedFinite(column.values)));
    },
    ...(options.timeColumn !== undefined && { timeColumn: options.timeColumn }),
  });
  const sketch = createSketch(profile);
  addTable(sketch, current);
  const report = assessDrift(sketch, options);
  const compared = (name: string) => {
    const [before, after] = [reference.columns[name], current.columns[name]];
    return exact.get(name) ?? (before && after ? compareColumns(before, after) : null);
  };
  return { ...report, columns: report.columns.map((column) => withExact(column, compared(column.column))) };
}

function withExact(column: ColumnDrift, exact: Comparison | null): ColumnDrift {
  const { errors: _, ...rest } = column;
  return { ...rest, statistics: exact?.statistics ?? {}, pValues: exact?.pValues ?? {} };
}

/** Lengths of windows that people choose: minutes, hours, days, weeks. */
const WINDOW_LENGTHS_MS = [1, 5, 15, 30, 60, 180, 360, 720, 1440, 10_080].map((minutes) => minutes * 60_000);

/** The shortest usual window that holds all the current rows, so that the reference is cut into such windows. */
function likeWindow(current: Table, timeColumn: string | undefined): { windowMs?: number } {
  const column = timeColumn === undefined ? undefined : current.columns[timeColumn];
  if (column?.kind !== 'numeric') return {};
  const times = sortedFinite(column.values);
  if (times.length === 0) return {};
  const [first, last] = [times[0]!, times[times.length - 1]!];
  const windowMs = WINDOW_LENGTHS_MS.find((ms) => Math.floor(first / ms) === Math.floor(last / ms));
  return windowMs === undefined ? {} : { windowMs };
}
