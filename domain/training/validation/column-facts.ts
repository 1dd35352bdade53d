import type { Column, NumericColumn } from '../../shared/table.ts';

export function missingShare(column: Column): number {
  const rows = column.kind === 'numeric' ? column.values.length : column.codes.length;
  let missing = 0;
  for (let row = 0; row < rows; row++) {
    if (column.kind === 'numeric' ? Number.isNaN(column.values[row]!) : column.codes[row]! < 0) missing += 1;
  }
  return rows === 0 ? 0 : missing / rows;
}

export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Divided by n. */
  readonly sd: number;
  /** Present values in ascending order. */
  readonly sorted: Float64Array;
}

export function computeMoments(column: NumericColumn): Moments {
  const sorted = column.values.filter((value) => !Number.isNaN(value)).sort();
  let mean = 0;
  for (let i = 0; i < sorted.length; i++) mean += (sorted[i]! - mean) / (i + 1);
  let squares = 0;
  for (const value of sorted) squares += (value - mean) ** 2;
  return { count: sorted.length, mean, sd: Math.sqrt(squares / Math.max(1, sorted.length)), sorted };
}

/** Share of ascending values below `low` or above `high`. */
export function shareOutside(sorted: Float64Array, low: number, high: number): number {
  let outside = 0;
  for (let i = 0; i < sorted.length && sorted[i]! < low; i++) outside += 1;
  for (let i = sorted.length - 1; i >= 0 && sorted[i]! > high; i--) outside += 1;
  return sorted.length === 0 ? 0 : outside / sorted.length;
}
