import type { ColumnDrift, DriftReport, DriftTest, DriftTestName, DriftVerdict } from './drift-report.ts';
import { formatNumber } from './format-number.ts';
import { isAtLeast } from './overall-verdict.ts';

/** Two windows running that would each pass by chance once in a thousand times are no chance. */
const REPEATED_P = 1e-3;
const REPEATS = 2;
/** Tails are held against the same extremes in every window: twice running is no second witness. */
const NOT_REPEATABLE: ReadonlySet<DriftTestName> = new Set(['tails']);
/**
 * What a window's shift must exceed before it adds up, in standard errors of the window, and the height that
 * raises: with these a month of 720 windows × 30 columns stays silent, and 0.3 sd is found in 7 windows of 50
 * rows (`bench/drift.bench.ts` measures both).
 */
const ALLOWANCE = 0.9;
const HEIGHT = 5.5;
/**
 * The reference's own sampling error moves all windows the same way: three and a half of its standard errors
 * are allowed for.
 */
const REFERENCE_ERRORS = 3.5;
const MIN_ROWS = 10;

interface ColumnSequence {
  readonly up: number;
  readonly down: number;
  /** Windows running in which each test was near its limit. */
  readonly runs: Readonly<Record<string, number>>;
}

/** What the detector remembers between windows, as plain JSON. */
export interface DriftSequence {
  readonly columns: Readonly<Record<string, ColumnSequence>>;
}

export interface SequenceAlarm {
  readonly column: string;
  readonly verdict: DriftVerdict;
  readonly reason: string;
}

export interface SequenceStep {
  readonly sequence: DriftSequence;
  /** Columns that drift by this window's or by earlier windows' evidence. */
  readonly alarms: readonly SequenceAlarm[];
}

const NOTHING: ColumnSequence = { up: 0, down: 0, runs: {} };

export function startDriftSequence(): DriftSequence {
  return { columns: {} };
}

/**
 * Adds a window to the sequence: a column drifts when its window says so, when the same test is near its limit
 * twice running, or when its shifts in rank add up (CUSUM). Small windows find together what none finds alone.
 */
export function advanceDriftSequence(sequence: DriftSequence, report: DriftReport): SequenceStep {
  const columns: Record<string, ColumnSequence> = {};
  const alarms: SequenceAlarm[] = [];
  const watched = [...report.columns, { ...report.joint, column: 'joint', shift: null }];
  for (const column of watched) {
    const next = advanceColumn(sequence.columns[column.column] ?? NOTHING, column, report.rows);
    columns[column.column] = next;
    const alarm = findAlarm(column, next);
    if (alarm !== null) alarms.push({ column: column.column, ...alarm });
  }
  return { sequence: { columns }, alarms };
}

type Watched = Pick<ColumnDrift, 'column' | 'tests' | 'verdict' | 'shift' | 'reasons'>;

function advanceColumn(
  before: ColumnSequence,
  column: Watched,
  rows: { readonly reference: number; readonly current: number },
): ColumnSequence {
  const runs: Record<string, number> = {};
  for (const test of column.tests) if (isNear(test)) runs[test.test] = (before.runs[test.test] ?? 0) + 1;
  if (column.shift === null || rows.current < MIN_ROWS) return { ...before, runs };
  const allowance = ALLOWANCE + REFERENCE_ERRORS * Math.sqrt(rows.current / rows.reference);
  // Twice the height is kept at most, so that the alarm ends soon after the drift does.
  const add = (sum: number, z: number) => Math.min(2 * HEIGHT, Math.max(0, sum + z - allowance));
  return { up: add(before.up, column.shift), down: add(before.down, -column.shift), runs };
}

function isNear(test: DriftTest): boolean {
  return test.pValue < REPEATED_P && !NOT_REPEATABLE.has(test.test) && isAtLeast(test.size, 'MODERATE');
}

function findAlarm(column: Watched, sequence: ColumnSequence): Omit<SequenceAlarm, 'column'> | null {
  if (isAtLeast(column.verdict, 'MODERATE')) {
    return { verdict: column.verdict, reason: column.reasons.join(' ') };
  }
  const repeated = column.tests.find((test) => (sequence.runs[test.test] ?? 0) >= REPEATS);
  if (repeated !== undefined) {
    const reason = `The ${repeated.test} test passed p ${REPEATED_P} in ${sequence.runs[repeated.test]} windows running.`;
    return { verdict: repeated.size, reason };
  }
  const height = Math.max(sequence.up, sequence.down);
  if (height < HEIGHT) return null;
  const direction = sequence.up > sequence.down ? 'up' : 'down';
  const reason = `The values move ${direction} window after window: their shifts sum to ${formatNumber(height)} (limit ${HEIGHT}).`;
  return { verdict: 'MODERATE', reason };
}
