import { type CaptureLine, parseCaptureLine } from '../serving/capture-line.ts';

/** One log stream's events, as a subscription delivers them. */
export interface LogBatch {
  /** `YYYY/MM/DD/function[version]environment`. */
  readonly logStream: string;
  readonly events: readonly { readonly timestamp: number; readonly message: string }[];
}

/** An invocation that Lambda itself ended: it left no line of its own. */
export interface CrashReport {
  readonly functionName: string;
  readonly functionVersion: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

export interface Landed {
  readonly lines: readonly CaptureLine[];
  readonly crashes: readonly CrashReport[];
}

const STREAM = /^\d{4}\/\d{2}\/\d{2}\/(.+)\[([^\]]+)\]/;
/** How Lambda's JSON log format starts the record of an ended invocation, whatever the order of its fields. */
const REPORT = '"platform.report"';

/** Sorts out what landed: capture lines, and failures that only the platform saw. Anything else is a log. */
export function readLanded(batches: readonly LogBatch[]): Landed {
  const lines: CaptureLine[] = [];
  const crashes: CrashReport[] = [];
  for (const { logStream, events } of batches) {
    for (const { message, timestamp } of events) {
      const line = parseCaptureLine(message.trimEnd());
      if (line !== undefined) lines.push(line);
      else if (message.includes(REPORT)) crashes.push(...readCrash(logStream, message, timestamp));
    }
  }
  return { lines, crashes };
}

function readCrash(logStream: string, message: string, timestamp: number): CrashReport[] {
  const [, functionName, functionVersion] = STREAM.exec(logStream) ?? [];
  const status = readStatus(message);
  if (
    functionName === undefined ||
    functionVersion === undefined ||
    status === undefined ||
    status === 'success'
  )
    return [];
  return [{ functionName, functionVersion, atMs: timestamp }];
}

function readStatus(message: string): string | undefined {
  try {
    const { type, record } = JSON.parse(message) as { type?: string; record?: { status?: string } };
    return type === 'platform.report' ? record?.status : undefined;
  } catch {
    // A log line of somebody who wrote the words `platform.report`.
    return undefined;
  }
}
