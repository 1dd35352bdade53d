import type { LogBatch } from '../../domain/monitoring/landed.ts';
import type { MinuteWindow, VersionShape } from '../../domain/monitoring/minute-window.ts';
import type { LandingZone, RowArchive, StoredWindow, WindowStore } from '../../domain/monitoring/ports.ts';
import { toSketchBytes } from '../../domain/monitoring/sketch-bytes.ts';
import type { CaptureLine } from '../../domain/serving/capture-line.ts';
import type { CapturedRow, LabelRow } from '../../domain/shared/capture-layout.ts';
import { buildProfile } from '../../domain/shared/profile/build-profile.ts';
import { categoryColumn, numericColumn } from '../../domain/shared/table.ts';

export const MINUTE_MS = 60_000;
/** A minute of event time that tests start from. */
export const START_MINUTE = Math.floor(Date.UTC(2026, 2, 1, 12) / MINUTE_MS);

/** Windows, landed objects and archived rows in memory. */
export class MonitoringWorld implements WindowStore, LandingZone, RowArchive {
  readonly windows = new Map<string, MinuteWindow>();
  readonly landed = new Map<string, readonly LogBatch[]>();
  readonly rows = new Map<string, readonly CapturedRow[]>();
  readonly labels = new Map<string, readonly LabelRow[]>();

  async put(window: MinuteWindow, source: string): Promise<void> {
    this.windows.set(`${window.endpoint}/${window.version}/${window.minute}/${source}`, window);
  }

  async list(
    { endpoint }: { endpoint: string },
    version: number,
    fromMinute: number,
    toMinute: number,
  ): Promise<StoredWindow[]> {
    return [...this.windows.values()]
      .filter((window) => window.endpoint === endpoint && window.version === version)
      .filter(({ minute }) => minute >= fromMinute && minute < toMinute)
      .sort((a, b) => a.minute - b.minute)
      .map(({ sketch, ...window }) => ({ ...window, sketchBytes: sketch && toSketchBytes(sketch) }));
  }

  async read(objectKey: string): Promise<readonly LogBatch[] | undefined> {
    return this.landed.get(objectKey);
  }

  async write(name: string, batches: readonly LogBatch[]): Promise<void> {
    this.landed.set(name, batches);
  }

  async writeRows(
    _endpoint: object,
    hourMs: number,
    name: string,
    rows: readonly CapturedRow[],
  ): Promise<void> {
    this.rows.set(`${hourMs}/${name}`, rows);
  }

  async writeLabels(
    _endpoint: object,
    receivedMs: number,
    name: string,
    labels: readonly LabelRow[],
  ): Promise<void> {
    this.labels.set(`${receivedMs}/${name}`, labels);
  }
}

/** `distance` spread evenly over 0 to 1,000 and `carrier` AA or BB in turn, on 2,000 rows. */
export function makeShape(overrides: Partial<VersionShape> = {}): VersionShape {
  const rows = 2000;
  const table = {
    rows,
    columns: {
      distance: numericColumn(Array.from({ length: rows }, (_, i) => (i * 397) % 1000)),
      carrier: categoryColumn(Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? 'AA' : 'BB'))),
    },
  };
  return {
    model: 'delays',
    columns: ['carrier', 'distance'],
    profile: buildProfile(table, { spread: 'none' }),
    scoreRange: { low: 0, high: 1 },
    ...overrides,
  };
}

/** A line of `rows` rows as the baseline has them; `factor` multiplies the distance. */
export function makeLine(overrides: Partial<CaptureLine> = {}, rows = 10, factor = 1): CaptureLine {
  const n = overrides.n ?? 0;
  return {
    prn: 1,
    k: 'acme/flights',
    v: 1,
    e: 'env1',
    n,
    t: START_MINUTE * MINUTE_MS + 1000,
    id: `prd_${n}`,
    ms: 3,
    f: Array.from({ length: rows }, (_, i) => [
      i % 2 === 0 ? 'AA' : 'BB',
      ((n * rows + i) * 397 * factor) % (1000 * factor),
    ]),
    y: Array.from({ length: rows }, () => 1),
    q: Array.from({ length: rows }, () => 0.7),
    ...overrides,
  };
}

/** What a subscription delivers of these lines. */
export function makeBatch(lines: readonly CaptureLine[], logStream = '2026/03/01/fn[1]env1'): LogBatch {
  return {
    logStream,
    events: lines.map((line) => ({ timestamp: line.t, message: `${JSON.stringify(line)}\n` })),
  };
}
