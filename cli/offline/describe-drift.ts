import { formatNumber } from '../../domain/monitoring/drift/format-number.ts';
import type { DriftCompareReport } from './drift-compare.ts';

/** The report for people: a line a column, the worst first, then the reasons and the verdict. */
export function describeDrift(report: DriftCompareReport): string {
  const rows = report.columns
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))
    .map(({ column, kind, statistics, current, verdict }) => [
      column,
      kind,
      show(statistics.psi),
      show(statistics.js),
      show(statistics.ks ?? statistics.linf),
      show(current.missingRate),
      verdict,
    ]);
  const table = alignColumns([['COLUMN', 'KIND', 'PSI', 'JS', 'KS/LINF', 'MISSING', 'VERDICT'], ...rows]);
  const skipped = report.skipped.map(({ column, reason }) => `not compared: ${column} (${reason})`);
  const size = `${report.rows.current} rows against ${report.rows.reference}`;
  return [...table, ...skipped, ...report.reasons, `verdict: ${report.verdict} (${size})`].join('\n');
}

const ORDER = ['SEVERE', 'SIGNIFICANT', 'MODERATE', 'NONE', 'INSUFFICIENT_DATA'];

function show(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : formatNumber(value);
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
