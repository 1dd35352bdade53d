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
