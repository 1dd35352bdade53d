import type { CallContext } from '../shared/call-context.ts';
import type { Change, Store } from '../shared/store.ts';
import { type ClosedWindow, closeWindows } from './close-windows.ts';
import { judgeWindow, NO_MEMORY, type WindowMemory, type WindowSubject } from './judge-window.ts';
import { type Monitor, type MonitorProgress, NO_PROGRESS, progressKey } from './monitor.ts';
import type { StoredWindow, VersionShapes, WindowStore } from './ports.ts';
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
  /** Columns that the capture does not keep. @default none */
  readonly ignore?: readonly string[];
  /** First minute that may still change. */
  readonly watermark: number;
}

/** How far back the first look at a version goes: a monitor that was down for a day misses nothing. */
const LOOK_BACK_MINUTES = 24 * 60;
/** A window is up to four changes, a commit at most ninety: the next evaluation takes the rest. */
const MAX_WINDOWS = 20;

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
  const { endpoint, version, monitor, watermark, ignore = [] } = subject;
  const shape = await deps.shapes.find({ tenant: context.tenant, endpoint }, version);
  const { profile } = shape ?? {};
  if (shape === undefined || profile === undefined) return 0;
  const key = progressKey(context.tenant, endpoint);
  const progress = await deps.store.get<MonitorProgress>(key);
  const before = progress?.value ?? NO_PROGRESS;
  const from = before.nextMinute[version] ?? watermark - LOOK_BACK_MINUTES;
  const minutes = await deps.windows.list({ tenant: context.tenant, endpoint }, version, from, watermark);
  const readSketch = ({ sketchBytes }: StoredWindow) => sketchBytes && fromSketchBytes(profile, sketchBytes);
  const closed = closeWindows(minutes, monitor.window, from, watermark, readSketch);
  const taken = closed.windows.slice(0, MAX_WINDOWS);
  const nextMinute =
    taken.length < closed.windows.length ? (taken.at(-1)?.toMinute ?? from) : closed.nextMinute;
  if (nextMinute === from) return 0;
  const judged = judgeAll(
    context,
    { endpoint, model: shape.model, version, monitor, ignore },
    taken,
    before.memory[version],
  );
  const value: MonitorProgress = {
    nextMinute: { ...before.nextMinute, [version]: nextMinute },
    memory: { ...before.memory, [version]: judged.memory },
    violations: taken.length === 0 ? before.violations : judged.memory.violations,
  };
  await deps.store.commit([...judged.changes, { put: key, value, expect: progress?.revision ?? 'absent' }]);
  return taken.length;
}

function judgeAll(
  context: CallContext,
  subject: WindowSubject,
  windows: readonly ClosedWindow[],
  before: WindowMemory = NO_MEMORY,
) {
  let memory = before;
  const changes: Change[] = [];
  for (const window of windows) {
    // Minutes without a baseline's sketch hold requests that brought no rows.
    if (window.sketch === undefined) continue;
    const judged = judgeWindow(context, subject, window, window.sketch, memory);
    memory = judged.memory;
    changes.push(...judged.changes);
  }
  return { memory, changes };
}

/** What is wrong with the endpoint's data by its last window; retraining waits while anything is. */
export async function listQualityViolations(
  store: Store,
  tenant: string,
  endpoint: string,
): Promise<readonly string[]> {
  const item = await store.get<MonitorProgress>(progressKey(tenant, endpoint));
  return item?.value.violations ?? [];
}
