import type { CallContext } from '../shared/call-context.ts';
import { makeEvent, type PlatformEvent } from '../shared/event.ts';
import type { Change, Item, Store } from '../shared/store.ts';
import { type ClosedWindow, closeWindows, persists } from './close-windows.ts';
import { assessDrift } from './drift/assess-drift.ts';
import type { DriftReport } from './drift/drift-report.ts';
import { DriftDetected, QualityViolated } from './events.ts';
import type { VersionShape } from './minute-window.ts';
import { type Monitor, type MonitorProgress, NO_PROGRESS, progressKey, windowKey } from './monitor.ts';
import type { StoredWindow, VersionShapes, WindowStore } from './ports.ts';
import { assessQuality, type QualityReport } from './quality/assess-quality.ts';
import { fromSketchBytes } from './sketch-bytes.ts';

export interface DriftDependencies {
  readonly store: Store;
  readonly windows: WindowStore;
  readonly shapes: VersionShapes;
}

export interface DriftSubject {
  readonly endpoint: string;
  readonly version: number;
  readonly monitor: Monitor;
  /** First minute that may still change. */
  readonly watermark: number;
}

/** How far back the first look at a version goes: a monitor that was down for a day misses nothing. */
const LOOK_BACK_MINUTES = 24 * 60;
/** A window is up to four changes, a commit at most ninety: the next evaluation takes the rest. */
const MAX_WINDOWS = 20;
const MINUTE_MS = 60_000;
const KEPT_VERDICTS = 100;
const DRIFTING = new Set(['MODERATE', 'SIGNIFICANT', 'SEVERE']);

/**
 * Judges every window of a version that has closed since the last time: drift and data quality, each kept with
 * its numbers, told when it persists. Progress and windows are one commit, so dying repeats and doubles nothing.
 * Answers how many windows were judged.
 */
export async function evaluateDrift(
  deps: DriftDependencies,
  context: CallContext,
  subject: DriftSubject,
): Promise<number> {
  const { endpoint, version, monitor, watermark } = subject;
  const shape = await deps.shapes.find({ tenant: context.tenant, endpoint }, version);
  const { profile } = shape ?? {};
  if (shape === undefined || profile === undefined) return 0;
  const progress = await deps.store.get<MonitorProgress>(progressKey(context.tenant, endpoint));
  const from = progress?.value.nextMinute[version] ?? watermark - LOOK_BACK_MINUTES;
  const minutes = await deps.windows.list({ tenant: context.tenant, endpoint }, version, from, watermark);
  const readSketch = ({ sketchBytes }: StoredWindow) => sketchBytes && fromSketchBytes(profile, sketchBytes);
  const closed = closeWindows(minutes, monitor.window, from, watermark, readSketch);
  const next = { ...(progress?.value ?? NO_PROGRESS) };
  const changes: Change[] = [];
  const taken = closed.windows.slice(0, MAX_WINDOWS);
  const nextMinute =
    taken.length < closed.windows.length ? (taken.at(-1)?.toMinute ?? from) : closed.nextMinute;
  for (const window of taken) {
    const judged = judgeWindow(context, subject, shape, window, next);
    next.recent = judged.progress.recent;
    next.violations = judged.progress.violations;
    changes.push(...judged.changes);
  }
  if (nextMinute === from) return 0;
  next.nextMinute = { ...next.nextMinute, [version]: nextMinute };
  const key = progressKey(context.tenant, endpoint);
  await deps.store.commit([...changes, { put: key, value: next, expect: progress?.revision ?? 'absent' }]);
  return taken.length;
}

interface Judged {
  readonly changes: readonly Change[];
  readonly progress: Pick<MonitorProgress, 'recent' | 'violations'>;
}

function judgeWindow(
  context: CallContext,
  { endpoint, version, monitor }: DriftSubject,
  shape: VersionShape,
  window: ClosedWindow,
  progress: MonitorProgress,
): Judged {
  const { sketch } = window;
  if (sketch === undefined) return { changes: [], progress };
  const drift = assessDrift(sketch);
  const quality = assessQuality(sketch);
  const recent = [...(progress.recent[version] ?? []), drift.verdict].slice(-KEPT_VERDICTS);
  const frame = frameOf(context, endpoint, version, window);
  const tells =
    DRIFTING.has(drift.verdict) &&
    persists(
      recent.map((verdict) => DRIFTING.has(verdict)),
      monitor.persistence,
    );
  const violations = quality.violations.map(({ column, message }) => `${column}: ${message}`);
  const changes: Change[] = [
    put(context, endpoint, 'drift', version, frame, { ...toDriftRecord(drift, window) }),
    put(context, endpoint, 'quality', version, frame, toQualityRecord(quality)),
    ...(tells ? [{ emit: driftEvent(context, shape, frame, drift) }] : []),
    ...(violations.length > 0 ? [{ emit: qualityEvent(context, shape, frame, violations) }] : []),
  ];
  return { changes, progress: { recent: { ...progress.recent, [version]: recent }, violations } };
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
  endpoint: string,
  version: number,
  { fromMinute, toMinute }: ClosedWindow,
): Frame {
  const time = (minute: number) => new Date(minute * MINUTE_MS).toISOString();
  return {
    id: context.newId('win'),
    endpoint,
    version,
    from: time(fromMinute),
    to: time(toMinute),
    at: new Date(context.nowMs).toISOString(),
  };
}

function put(
  context: CallContext,
  endpoint: string,
  kind: 'drift' | 'quality',
  version: number,
  frame: Frame,
  record: object,
): Change {
  const key = windowKey(context.tenant, endpoint, kind, frame.to, version);
  return { put: key, value: { ...frame, ...record }, expect: 'absent' };
}

function toDriftRecord({ verdict, reasons, columns, joint }: DriftReport, { rows, loss }: ClosedWindow) {
  return { rows, verdict, reasons, columns, joint, loss };
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
  { model }: VersionShape,
  frame: Frame,
  report: DriftReport,
): PlatformEvent {
  const { endpoint, version, from, to } = frame;
  const columns = report.columns
    .filter(({ verdict }) => DRIFTING.has(verdict))
    .map(({ column, verdict }) => ({ column, verdict }))
    .slice(0, 50);
  const verdict = report.verdict as 'MODERATE' | 'SIGNIFICANT' | 'SEVERE';
  const data = {
    endpoint,
    model,
    version,
    from,
    to,
    verdict,
    rows: report.rows.current,
    reasons: report.reasons.slice(0, 20),
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
  { model }: VersionShape,
  frame: Frame,
  violations: readonly string[],
): PlatformEvent {
  const { endpoint, version, from, to } = frame;
  const data = { endpoint, model, version, from, to, violations: violations.slice(0, 20) };
  return makeEvent(QualityViolated, context, {
    resource: `endpoints/${endpoint}/quality/${frame.id}`,
    sequence: 1,
    data,
  });
}

/** What is wrong with the endpoint's data by its last window; retraining waits while anything is. */
export async function listQualityViolations(
  store: Store,
  tenant: string,
  endpoint: string,
): Promise<readonly string[]> {
  const item: Item<MonitorProgress> | undefined = await store.get<MonitorProgress>(
    progressKey(tenant, endpoint),
  );
  return item?.value.violations ?? [];
}
