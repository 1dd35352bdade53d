import { mergeSketches } from './merge-sketches.ts';
import type { MonitorInput } from './monitor.ts';
import type { StoredWindow } from './ports.ts';
import { countLoss, mergeSequences, type SequenceRanges } from './sequences.ts';
import type { Sketch } from './sketch.ts';

/** A closed window of one version: its minutes merged. */
export interface ClosedWindow {
  readonly fromMinute: number;
  /** Not included. */
  readonly toMinute: number;
  readonly rows: number;
  readonly sketch: Sketch | undefined;
  readonly loss: ReturnType<typeof countLoss>;
}

export interface ClosedWindows {
  readonly windows: readonly ClosedWindow[];
  /** First minute that is in no closed window yet. */
  readonly nextMinute: number;
}

/**
 * Cuts the minutes that have fully arrived into windows: every so many minutes on the clock's own grid, or as
 * soon as enough rows have come. What is left over waits for more.
 *
 * @param watermark first minute that may still change
 */
export function closeWindows(
  minutes: readonly StoredWindow[],
  settings: MonitorInput['window'],
  fromMinute: number,
  watermark: number,
  readSketch: (window: StoredWindow) => Sketch | undefined,
): ClosedWindows {
  const arrived = minutes.filter(({ minute }) => minute >= fromMinute && minute < watermark);
  const cuts =
    'rows' in settings
      ? cutByRows(arrived, settings.rows)
      : cutByClock(settings.minutes, fromMinute, watermark);
  const windows = cuts
    .map(([from, to]) =>
      mergeMinutes(
        arrived.filter(({ minute }) => minute >= from && minute < to),
        from,
        to,
        readSketch,
      ),
    )
    .filter(({ rows }) => rows > 0);
  return { windows, nextMinute: cuts.at(-1)?.[1] ?? fromMinute };
}

type Cut = readonly [fromMinute: number, toMinute: number];

function cutByClock(minutes: number, fromMinute: number, watermark: number): Cut[] {
  const cuts: Cut[] = [];
  const grid = Math.floor(fromMinute / minutes) * minutes;
  for (let start = grid; start + minutes <= watermark; start += minutes) {
    cuts.push([Math.max(start, fromMinute), start + minutes]);
  }
  return cuts;
}

function cutByRows(minutes: readonly StoredWindow[], rows: number): Cut[] {
  const cuts: Cut[] = [];
  const byMinute = new Map<number, number>();
  for (const { minute, rows: held } of minutes) byMinute.set(minute, (byMinute.get(minute) ?? 0) + held);
  let start: number | undefined;
  let held = 0;
  for (const minute of [...byMinute.keys()].sort((a, b) => a - b)) {
    start ??= minute;
    held += byMinute.get(minute) ?? 0;
    if (held < rows) continue;
    cuts.push([start, minute + 1]);
    start = undefined;
    held = 0;
  }
  return cuts;
}

function mergeMinutes(
  minutes: readonly StoredWindow[],
  fromMinute: number,
  toMinute: number,
  readSketch: (window: StoredWindow) => Sketch | undefined,
): ClosedWindow {
  let sketch: Sketch | undefined;
  let sequences: SequenceRanges = {};
  let rows = 0;
  for (const minute of minutes) {
    const own = readSketch(minute);
    sketch = sketch === undefined || own === undefined ? (sketch ?? own) : mergeSketches(sketch, own);
    sequences = mergeSequences(sequences, minute.sequences);
    rows += minute.rows;
  }
  return { fromMinute, toMinute, rows, sketch, loss: countLoss(sequences) };
}
