import type { CallContext } from '../shared/call-context.ts';
import { makeEvent, type PlatformEvent } from '../shared/event.ts';
import type { Change } from '../shared/store.ts';
import type { ClosedWindow } from './close-windows.ts';
import { assessDrift } from './drift/assess-drift.ts';
import type { DriftReport, DriftVerdict } from './drift/drift-report.ts';
import {
  advanceDriftSequence,
  type DriftSequence,
  type SequenceAlarm,
  startDriftSequence,
} from './drift/drift-sequence.ts';
import { isAtLeast, worstVerdict } from './drift/overall-verdict.ts';
import { isPersistent } from './drift/persistence.ts';
import { DriftDetected, QualityViolated } from './events.ts';
import { type Monitor, windowKey } from './monitor.ts';
import { assessQuality, type QualityReport } from './quality/assess-quality.ts';
import type { Sketch } from './sketch.ts';

/** What is remembered of a version's windows from one to the next. */
export interface WindowMemory {
  /** Verdicts of the last windows, oldest first. */
  readonly recent: readonly DriftVerdict[];
  /** What small windows find together that none finds alone. */
  readonly sequence: DriftSequence;
  /** What the last window found wrong with the data; empty when it was in order. */
  readonly violations: readonly string[];
}

export const NO_MEMORY: WindowMemory = { recent: [], sequence: startDriftSequence(), violations: [] };

export interface WindowSubject {
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
  readonly monitor: Monitor;
  /** Columns that the capture does not keep: all missing, and no drift. */
  readonly ignore: readonly string[];
}

export interface JudgedWindow {
  readonly changes: readonly Change[];
  readonly memory: WindowMemory;
}

const MINUTE_MS = 60_000;
const KEPT_VERDICTS = 100;
/** Events carry references for more: the window itself has every column. */
const TOLD_REASONS = 20;
const TOLD_COLUMNS = 50;

/** Judges one window: drift by itself and with those before it, and the quality of its data. */
export function judgeWindow(
  context: CallContext,
  subject: WindowSubject,
  window: ClosedWindow,
  sketch: Sketch,
  memory: WindowMemory,
): JudgedWindow {
  const { ignore, monitor } = subject;
  const report = assessDrift(sketch, { ignore });
  const { sequence, alarms } = advanceDriftSequence(memory.sequence, report);
  const verdict = worstVerdict([report.verdict, ...alarms.map((alarm) => alarm.verdict)]);
  const recent = [...memory.recent, verdict].slice(-KEPT_VERDICTS);
  const quality = assessQuality(sketch, { ignore });
  const violations = quality.violations.map(({ column, message }) => `${column}: ${message}`);
  const frame = frameOf(context, subject, window);
  const finding = { report, verdict, alarms, reasons: reasonsOf(report, alarms) };
  const { windows: breaches, of: windows } = monitor.persistence;
  const tells = isPersistent(recent, { breaches, windows, level: 'MODERATE' });
  return {
    memory: { recent, sequence, violations },
    changes: [
      put(context, subject, 'drift', frame, toDriftRecord(finding, window)),
      put(context, subject, 'quality', frame, toQualityRecord(quality)),
      ...(tells ? [{ emit: driftEvent(context, subject, frame, finding) }] : []),
      ...(violations.length > 0 ? [{ emit: qualityEvent(context, subject, frame, violations) }] : []),
    ],
  };
}

interface Finding {
  readonly report: DriftReport;
  readonly verdict: DriftVerdict;
  readonly alarms: readonly SequenceAlarm[];
  readonly reasons: readonly string[];
}

/** The window's own reasons, and those of columns that only the sequence of windows gives away. */
function reasonsOf(report: DriftReport, alarms: readonly SequenceAlarm[]): string[] {
  const own = new Set(
    report.columns.filter(({ verdict }) => isAtLeast(verdict, 'MODERATE')).map(({ column }) => column),
  );
  const added = alarms.filter(({ column }) => !own.has(column) && column !== 'joint');
  return [
    ...report.reasons,
    ...added.map(({ column, verdict, reason }) => `${column} ${verdict}: ${reason}`),
  ];
}

interface Frame {
  readonly id: string;
  readonly endpoint: string;
  readonly version: number;
  readonly from: string;
  readonly to: string;
  readonly at: string;
}

function frameOf(
  context: CallContext,
  { endpoint, version }: WindowSubject,
  { fromMinute, toMinute }: ClosedWindow,
): Frame {
  const time = (minute: number) => new Date(minute * MINUTE_MS).toISOString();
  const at = new Date(context.nowMs).toISOString();
  return { id: context.newId('win'), endpoint, version, from: time(fromMinute), to: time(toMinute), at };
}

function put(
  context: CallContext,
  { endpoint, version }: WindowSubject,
  kind: 'drift' | 'quality',
  frame: Frame,
  record: object,
): Change {
  const key = windowKey(context.tenant, endpoint, kind, frame.to, version);
  return { put: key, value: { ...frame, ...record }, expect: 'absent' };
}

function toDriftRecord({ report, verdict, reasons }: Finding, { rows, loss }: ClosedWindow) {
  return { rows, verdict, reasons, columns: report.columns, joint: report.joint, loss };
}

function toQualityRecord({ rows, violations }: QualityReport) {
  return {
    rows,
    ok: violations.length === 0,
    violations: violations.map((violation) => ({ ...violation, severity: 'error' })),
  };
}

function driftEvent(
  context: CallContext,
  { endpoint, model, version }: WindowSubject,
  frame: Frame,
  finding: Finding,
): PlatformEvent {
  const { report, alarms, verdict, reasons } = finding;
  const columns = alarms.map(({ column, verdict: own }) => ({ column, verdict: own })).slice(0, TOLD_COLUMNS);
  const data = {
    endpoint,
    model,
    version,
    from: frame.from,
    to: frame.to,
    verdict: verdict as 'MODERATE' | 'SIGNIFICANT' | 'SEVERE',
    rows: report.rows.current,
    reasons: reasons.slice(0, TOLD_REASONS),
    columns,
  };
  return makeEvent(DriftDetected, context, {
    resource: `endpoints/${endpoint}/drift/${frame.id}`,
    sequence: 1,
    data,
  });
}

function qualityEvent(
  context: CallContext,
  { endpoint, model, version }: WindowSubject,
  { id, from, to }: Frame,
  violations: readonly string[],
): PlatformEvent {
  const data = { endpoint, model, version, from, to, violations: violations.slice(0, TOLD_REASONS) };
  return makeEvent(QualityViolated, context, {
    resource: `endpoints/${endpoint}/quality/${id}`,
    sequence: 1,
    data,
  });
}
