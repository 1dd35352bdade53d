import { type CapturedValue, type CaptureLine, isFirstLine } from '../serving/capture-line.ts';
import {
  emptyObservation,
  latencyBin,
  type Observation,
  type ScoreRange,
  scoreBin,
} from '../shared/observation.ts';
import type { Profile } from '../shared/profile/profile.ts';
import { addRows } from './add-rows.ts';
import { addSequence, type SequenceRanges } from './sequences.ts';
import { createSketch, type Sketch } from './sketch.ts';

/** What must be known of a version to count its rows. */
export interface VersionShape {
  readonly model: string;
  /** Column names in the signature's order, which is the order of captured rows. */
  readonly columns: readonly string[];
  /** The baseline; without one, rows are counted and not sketched. */
  readonly profile: Profile | undefined;
  readonly scoreRange: ScoreRange;
}

/** What one version did in one minute, as far as one landed object tells. Windows of a minute merge. */
export interface MinuteWindow {
  readonly tenant: string;
  readonly endpoint: string;
  readonly version: number;
  /** Whole minutes since the epoch. */
  readonly minute: number;
  readonly observation: Observation;
  readonly rows: number;
  readonly sketch: Sketch | undefined;
  readonly sequences: SequenceRanges;
}

export interface WindowKey {
  readonly tenant: string;
  readonly endpoint: string;
  readonly version: number;
  readonly minute: number;
}

const MINUTE_MS = 60_000;

/** Which window a line belongs to; undefined when its endpoint is not written as `tenant/endpoint`. */
export function windowOf(line: CaptureLine): WindowKey | undefined {
  const [tenant, endpoint] = line.k.split('/');
  if (!tenant || !endpoint) return undefined;
  return { tenant, endpoint, version: line.v, minute: Math.floor(line.t / MINUTE_MS) };
}

/** Counts the lines of one window, and the invocations that died without one. */
export function countWindow(
  key: WindowKey,
  lines: readonly CaptureLine[],
  crashes: number,
  shape: VersionShape | undefined,
): MinuteWindow {
  const empty = emptyObservation();
  const latency = [...empty.latency];
  const score = [...empty.score];
  let requests = crashes;
  let errors = crashes;
  for (const line of lines) {
    if (isFirstLine(line)) {
      requests += 1;
      if (isFailure(line)) errors += 1;
      latency[latencyBin(line.ms)]! += 1;
    }
    for (const value of scoresOf(line)) score[scoreBin(value, shape?.scoreRange)]! += 1;
  }
  return {
    ...key,
    observation: { ...empty, requests, errors, latency, score },
    rows: lines.reduce((rows, line) => rows + line.f.length, 0),
    sketch: shape?.profile && sketchLines(shape.profile, shape.columns, lines),
    sequences: countSequences(lines),
  };
}

/**
 * What a version is to blame for: its own failures, and inputs that it does not take. Callers' mistakes that
 * hit both versions alike cancel in the judge's comparison.
 */
function isFailure({ s }: CaptureLine): boolean {
  return s !== undefined && (s >= 500 || s === 400 || s === 422);
}

/** Scores of classifiers and detectors, predictions of regressions; rows without a number are in no bin. */
function scoresOf({ q, y }: CaptureLine): number[] {
  return (q ?? y).filter((value): value is number => typeof value === 'number');
}

/** An empty text is what models and their training take as a missing one. */
export function readValue(value: CapturedValue | undefined): CapturedValue {
  return value === undefined || value === '' ? null : value;
}

function sketchLines(profile: Profile, columns: readonly string[], lines: readonly CaptureLine[]): Sketch {
  const sketch = createSketch(profile);
  const positions = profile.columns.map(({ name }) => columns.indexOf(name));
  for (const { f, y, q } of lines) {
    const rows = f.map((row) => positions.map((position) => readValue(row[position])));
    addRows(sketch, rows, y, q);
  }
  return sketch;
}

function countSequences(lines: readonly CaptureLine[]): SequenceRanges {
  let sequences: SequenceRanges = {};
  for (const { e, n } of lines) sequences = addSequence(sequences, e, n);
  return sequences;
}
