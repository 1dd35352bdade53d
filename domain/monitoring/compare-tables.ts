import { buildProfile } from '../shared/profile/build-profile.ts';
import type { Table } from '../shared/table.ts';
import { addTable } from './add-table.ts';
import { compareColumns } from './compare-columns.ts';
import { type AssessDriftOptions, assessDrift } from './drift/assess-drift.ts';
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
  const profile = buildProfile(reference, {
    windowRows: current.rows,
    ...(options.timeColumn !== undefined && { timeColumn: options.timeColumn }),
  });
  const sketch = createSketch(profile);
  addTable(sketch, current);
  const report = assessDrift(sketch, options);
  return { ...report, columns: report.columns.map((column) => withExact(column, reference, current)) };
}

function withExact(column: ColumnDrift, reference: Table, current: Table): ColumnDrift {
  const { errors: _, ...rest } = column;
  const [before, after] = [reference.columns[column.column], current.columns[column.column]];
  const exact = before && after ? compareColumns(before, after) : null;
  return { ...rest, statistics: exact?.statistics ?? {}, pValues: exact?.pValues ?? {} };
}
