/** What is wrong with a data set; `error` stops a training, `warning` is recorded with it. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  /** Absent when the finding is about all rows. */
  readonly column?: string;
  /** A sentence with the value seen and the value allowed. */
  readonly message: string;
}

export type FindingCode =
  | 'MISSING_COLUMN'
  | 'WRONG_TYPE'
  | 'TOO_FEW_ROWS'
  | 'TOO_MANY_MISSING'
  | 'OUT_OF_RANGE'
  | 'UNKNOWN_VALUES'
  | 'STALE'
  | 'FUTURE_ROWS'
  | 'ROWS_DROPPED'
  | 'MISSING_RATE_ROSE'
  | 'LEFT_PREVIOUS_RANGE'
  | 'SCALE_CHANGED'
  | 'MEAN_SHIFTED'
  | 'NEW_CATEGORIES';

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** A share as people read it. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

/**
 * The share above which a rate counts as changed from a baseline rate seen on other rows: three standard
 * errors and at least one percentage point. A purely relative rule fires on the first bad row of a clean
 * column, a purely absolute one on noise in small sets.
 */
export function tolerableShare(baseline: number, rows: number): number {
  const error = Math.sqrt((baseline * (1 - baseline)) / Math.max(1, rows));
  return Math.max(baseline + 3 * error, baseline + 0.01);
}
