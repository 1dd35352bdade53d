import type { FreezeWindow } from './freeze-shapes.ts';

const WEEK_MS = 7 * 24 * 3600 * 1000;

/** A stretch of time in which nothing is changed. */
export interface Freeze {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/**
 * The freeze at this time, undefined when changes are welcome. Windows that overlap or meet are one freeze: its
 * end is when work can really go on, its reason that of the window that began it.
 */
export function findFreezeAt(windows: readonly FreezeWindow[], nowMs: number): Freeze | undefined {
  const first = findOccurrence(windows, nowMs);
  if (first === undefined) return undefined;
  let toMs = first.toMs;
  // Weekly windows without a gap between them would never end.
  const horizonMs = nowMs + 53 * WEEK_MS;
  for (let next = findOccurrence(windows, toMs); next !== undefined && toMs < horizonMs; ) {
    toMs = next.toMs;
    next = findOccurrence(windows, toMs);
  }
  return { from: toTime(first.fromMs), to: toTime(toMs), reason: first.reason };
}

interface Occurrence {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
}

/** Of the windows that hold this time the one that ends last. */
function findOccurrence(windows: readonly FreezeWindow[], timeMs: number): Occurrence | undefined {
  return windows
    .map((window) => occurrenceBefore(window, timeMs))
    .filter(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs)
    .toSorted((a, b) => b.toMs - a.toMs)[0];
}

/** The last occurrence that began by this time, or the first one of all. */
function occurrenceBefore({ from, to, reason, repeat }: FreezeWindow, timeMs: number): Occurrence {
  const fromMs = Date.parse(from);
  const weeks = repeat === 'weekly' ? Math.max(0, Math.floor((timeMs - fromMs) / WEEK_MS)) : 0;
  return { fromMs: fromMs + weeks * WEEK_MS, toMs: Date.parse(to) + weeks * WEEK_MS, reason };
}

function toTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
