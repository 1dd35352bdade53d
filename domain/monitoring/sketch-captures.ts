import type { CaptureLine } from '../serving/capture-line.ts';
import type { CapturedRow } from '../shared/capture-layout.ts';
import { type CrashReport, readLanded } from './landed.ts';
import { countWindow, readValue, type VersionShape, type WindowKey, windowOf } from './minute-window.ts';
import type { LandingZone, RowArchive, ServedVersions, VersionShapes, WindowStore } from './ports.ts';

export interface SketchDependencies {
  readonly landing: LandingZone;
  readonly windows: WindowStore;
  readonly archive: RowArchive;
  readonly shapes: VersionShapes;
  readonly served: ServedVersions;
  /** A name made from the object's key: the same for a repeated delivery. */
  readonly nameOf: (objectKey: string) => string;
}

interface Group extends WindowKey {
  readonly lines: CaptureLine[];
  crashes: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Turns one landed object into minute windows and raw rows. Everything is written under names made from the
 * object's key, so a second delivery, or a replay from S3, writes the same again. Answers the rows it held.
 */
export async function sketchCaptures(deps: SketchDependencies, objectKey: string): Promise<number> {
  const batches = await deps.landing.read(objectKey);
  if (batches === undefined) return 0;
  const { lines, crashes } = readLanded(batches);
  const groups = new Map<string, Group>();
  for (const line of lines) {
    const key = windowOf(line);
    if (key !== undefined) groupOf(groups, key).lines.push(line);
  }
  for (const crash of crashes) await addCrash(deps.served, groups, crash);
  const name = deps.nameOf(objectKey);
  const shapes = await findShapes(deps.shapes, groups.values());
  for (const group of groups.values()) {
    const { lines: own, crashes: died, ...key } = group;
    await deps.windows.put(countWindow(key, own, died, shapes.get(shapeKey(key))), name);
  }
  return archiveRows(deps.archive, groups.values(), shapes, name);
}

function groupOf(groups: Map<string, Group>, key: WindowKey): Group {
  const id = `${shapeKey(key)}/${key.minute}`;
  const known = groups.get(id);
  if (known !== undefined) return known;
  const group: Group = { ...key, lines: [], crashes: 0 };
  groups.set(id, group);
  return group;
}

async function addCrash(
  served: ServedVersions,
  groups: Map<string, Group>,
  crash: CrashReport,
): Promise<void> {
  const version = await served.find(crash.functionName, crash.functionVersion);
  if (version === undefined) return;
  groupOf(groups, { ...version, minute: Math.floor(crash.atMs / MINUTE_MS) }).crashes += 1;
}

function shapeKey({ tenant, endpoint, version }: WindowKey): string {
  return `${tenant}/${endpoint}/${version}`;
}

async function findShapes(
  shapes: VersionShapes,
  groups: Iterable<Group>,
): Promise<Map<string, VersionShape>> {
  const found = new Map<string, VersionShape>();
  for (const group of groups) {
    const key = shapeKey(group);
    if (found.has(key)) continue;
    const shape = await shapes.find(group, group.version);
    if (shape !== undefined) found.set(key, shape);
  }
  return found;
}

interface HourOfRows {
  readonly endpoint: Group;
  readonly hourMs: number;
  readonly rows: CapturedRow[];
}

async function archiveRows(
  archive: RowArchive,
  groups: Iterable<Group>,
  shapes: ReadonlyMap<string, VersionShape>,
  name: string,
): Promise<number> {
  const hours = new Map<string, HourOfRows>();
  for (const group of groups) {
    const hourMs = Math.floor((group.minute * MINUTE_MS) / HOUR_MS) * HOUR_MS;
    const id = `${group.tenant}/${group.endpoint}/${hourMs}`;
    const hour = hours.get(id) ?? { endpoint: group, hourMs, rows: [] };
    hours.set(id, hour);
    const columns = shapes.get(shapeKey(group))?.columns;
    for (const line of group.lines) hour.rows.push(...toRows(line, columns));
  }
  let written = 0;
  for (const { endpoint, hourMs, rows } of hours.values()) {
    if (rows.length > 0) await archive.writeRows(endpoint, hourMs, name, rows);
    written += rows.length;
  }
  return written;
}

/** Columns without a known name are called by their position, so that nothing is lost. */
function toRows(line: CaptureLine, columns: readonly string[] | undefined): CapturedRow[] {
  return line.f.map((values, i) => ({
    predictionId: line.id,
    inferenceId: line.x,
    row: (line.o ?? 0) + i,
    at: line.t,
    version: line.v,
    features: Object.fromEntries(values.map((value, c) => [columns?.[c] ?? `column${c}`, readValue(value)])),
    prediction: line.y[i] ?? null,
    score: line.q?.[i] ?? null,
  }));
}
