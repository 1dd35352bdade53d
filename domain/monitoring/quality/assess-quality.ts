import type { CategoricalProfile, ColumnProfile, NumericProfile } from '../../shared/profile/profile.ts';
import { columnCounts } from '../drift/column-counts.ts';
import { MIN_WINDOW_ROWS } from '../drift/drift-report.ts';
import { formatShare } from '../drift/format-number.ts';
import {
  type CategoricalSketch,
  type ColumnSketch,
  MAX,
  MIN,
  type NumericSketch,
  type Sketch,
} from '../sketch.ts';
import { findUnitChange } from './unit-change.ts';

export const QUALITY_CHECKS = ['missing', 'type', 'range', 'categories', 'constant', 'unit'] as const;
export type QualityCheck = (typeof QUALITY_CHECKS)[number];

/** One thing that is wrong with a window's data, whatever the model makes of it. */
export interface QualityViolation {
  readonly column: string;
  readonly check: QualityCheck;
  /** Share of rows, or the factor of a changed unit. */
  readonly value: number;
  /** What was to be expected at most. */
  readonly limit: number;
  readonly message: string;
}

export interface QualityReport {
  readonly status: 'OK' | 'VIOLATED' | 'INSUFFICIENT_DATA';
  readonly rows: number;
  readonly violations: readonly QualityViolation[];
}

/** Three standard errors, and never less than one row in a hundred more than the baseline. */
const STANDARD_ERRORS = 3;
const LEAST_MARGIN = 0.01;
/** One odd row is told by drift's tests, not by a check that stops a retraining. */
const MIN_BAD_ROWS = 3;

export interface AssessQualityOptions {
  /** @default 30 */
  readonly minRows?: number;
  /** Features that are not captured as they are (dropped, hashed). */
  readonly ignore?: readonly string[];
}

/** Checks a window's features against the version's profile, with margins that know the window's size. */
export function assessQuality(sketch: Sketch, options: AssessQualityOptions = {}): QualityReport {
  const minRows = options.minRows ?? MIN_WINDOW_ROWS;
  const ignored = new Set(options.ignore);
  if (sketch.rows < minRows) return { status: 'INSUFFICIENT_DATA', rows: sketch.rows, violations: [] };
  const violations = sketch.profile.columns.flatMap((profile, i) =>
    ignored.has(profile.name) ? [] : checkColumn(profile, sketch.columns[i]!, sketch.rows),
  );
  return { status: violations.length > 0 ? 'VIOLATED' : 'OK', rows: sketch.rows, violations };
}

function checkColumn(profile: ColumnProfile, sketch: ColumnSketch, rows: number): QualityViolation[] {
  const missing = checkRate(
    { column: profile.name, check: 'missing', rows, before: profile.missing / profile.rows },
    sketch.missing,
    'lack the value',
  );
  const type = checkRate(
    { column: profile.name, check: 'type', rows, before: 0 },
    sketch.wrongType,
    `are no ${profile.kind} value`,
  );
  const values =
    profile.kind === 'numeric'
      ? checkNumeric(profile, sketch as NumericSketch)
      : checkCategories(profile, sketch as CategoricalSketch);
  return [...missing, ...type, ...values];
}

interface Rate {
  readonly column: string;
  readonly check: QualityCheck;
  readonly rows: number;
  /** Share in the baseline. */
  readonly before: number;
}

function checkRate(rate: Rate, bad: number, what: string): QualityViolation[] {
  const { before, rows } = rate;
  const noise = STANDARD_ERRORS * Math.sqrt((before * (1 - before)) / rows);
  const limit = before + Math.max(noise, LEAST_MARGIN);
  const value = bad / rows;
  if (value <= limit || bad < MIN_BAD_ROWS) return [];
  const message = `${formatShare(value)} of the rows ${what}; the baseline has ${formatShare(before)}.`;
  return [{ column: rate.column, check: rate.check, value, limit, message }];
}

function checkNumeric(profile: NumericProfile, sketch: NumericSketch): QualityViolation[] {
  const counts = columnCounts(profile, sketch);
  if (counts.currentPresent === 0 || profile.min === null) return [];
  const change = findUnitChange(profile, sketch);
  if (change !== null) {
    const message = `The values look like the baseline's ${change.description}.`;
    return [{ column: profile.name, check: 'unit', value: change.factor, limit: 1, message }];
  }
  const range = checkRate(
    {
      column: profile.name,
      check: 'range',
      rows: counts.currentPresent,
      before: 2 / (counts.referencePresent + 1),
    },
    sketch.below + sketch.above,
    `lie outside ${profile.min} to ${profile.max}`,
  );
  return [
    ...range,
    ...checkConstant(profile.name, sketch, profile.max! > profile.min, counts.currentPresent),
  ];
}

/** A column that varied and stands still is a stuck sensor or a default that took over. */
function checkConstant(
  column: string,
  sketch: NumericSketch,
  varied: boolean,
  present: number,
): QualityViolation[] {
  const [low, high] = [sketch.moments[MIN]!, sketch.moments[MAX]!];
  if (!varied || low !== high || present < MIN_WINDOW_ROWS) return [];
  const share = sketch.counts.reduce((largest, count) => Math.max(largest, count), 0) / present;
  return [{ column, check: 'constant', value: share, limit: 1, message: `Every row has the value ${low}.` }];
}

function checkCategories(profile: CategoricalProfile, sketch: CategoricalSketch): QualityViolation[] {
  const { currentPresent, referencePresent, unseen } = columnCounts(profile, sketch);
  if (currentPresent === 0 || referencePresent === 0) return [];
  const before = Math.min(1, (profile.other + profile.singletons + 1) / referencePresent);
  return checkRate(
    { column: profile.name, check: 'categories', rows: currentPresent, before },
    unseen,
    'have a value that the baseline does not name',
  );
}
