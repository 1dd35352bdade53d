import type { CapturedEndpoint, CapturedRow, LabelRow } from '../shared/capture-layout.ts';
import type { Observation } from '../shared/observation.ts';
import type { LogBatch } from './landed.ts';
import type { MinuteWindow, VersionShape } from './minute-window.ts';
import type { LabelledRow } from './performance/labelled-rows.ts';
import type { SequenceRanges } from './sequences.ts';

/** What the log subscription landed in S3. */
export interface LandingZone {
  /** The log streams of one landed object; undefined when it is gone. */
  read(objectKey: string): Promise<readonly LogBatch[] | undefined>;
  /** Lands lines that came another way: predictions of external endpoints. */
  write(name: string, batches: readonly LogBatch[]): Promise<void>;
}

/** Raw captures and labels in S3, as DuckDB and Athena read them. */
export interface RowArchive {
  /** Writes an object's rows of an hour; the same name replaces itself. */
  writeRows(
    endpoint: CapturedEndpoint,
    hourMs: number,
    name: string,
    rows: readonly CapturedRow[],
  ): Promise<void>;
  writeLabels(
    endpoint: CapturedEndpoint,
    receivedMs: number,
    name: string,
    labels: readonly LabelRow[],
  ): Promise<void>;
}

/** A window as it is stored: the sketch stays bytes until its profile is at hand. */
export interface StoredWindow extends Omit<MinuteWindow, 'sketch'> {
  readonly sketchBytes: Uint8Array | undefined;
  readonly sequences: SequenceRanges;
  readonly observation: Observation;
}

/** Minute windows, one item per landed object and minute: writing an object again changes nothing. */
export interface WindowStore {
  put(window: MinuteWindow, source: string): Promise<void>;
  /** All windows of a version from a minute (included) to another (not included), oldest first. */
  list(
    endpoint: CapturedEndpoint,
    version: number,
    fromMinute: number,
    toMinute: number,
  ): Promise<readonly StoredWindow[]>;
}

/** Versions as counting needs them; undefined for one that nobody registered. */
export interface VersionShapes {
  find(endpoint: CapturedEndpoint, version: number): Promise<VersionShape | undefined>;
}

/** What a function version of an endpoint serves. */
export interface ServedVersions {
  find(
    functionName: string,
    functionVersion: string,
  ): Promise<{ tenant: string; endpoint: string; version: number } | undefined>;
}

/** Rows of one version with what turned out to be true. */
export interface LabelledWindow {
  /** Rows seen, labelled or not. */
  readonly captured: number;
  readonly rows: readonly LabelledRow[];
}

/** Captured rows joined with their labels. */
export interface LabelJoin {
  /** Whether any label came in this time. */
  hasLabels(endpoint: CapturedEndpoint, fromMs: number, toMs: number): Promise<boolean>;
  /** Rows of a window with the labels that came until `labelsToMs`, by version. */
  read(
    endpoint: CapturedEndpoint,
    fromMs: number,
    toMs: number,
    labelsToMs: number,
  ): Promise<ReadonlyMap<number, LabelledWindow>>;
  /** Distinct rows of the window that have a label. */
  count(endpoint: CapturedEndpoint, fromMs: number, toMs: number): Promise<number>;
}
