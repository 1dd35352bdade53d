/**
 * One request as the serving runtime writes it on stdout: the only thing that the request path leaves behind.
 * Names are short because every byte is paid for in log ingestion; the monitoring side reads them with
 * `parseCaptureLine`. A request of many rows is several lines, each with its own `n`, and `o` and `m` in all.
 */
export interface CaptureLine {
  /** Version of the format; also how the log subscription finds these lines among others. */
  readonly prn: 1;
  /** `tenant/endpoint`. */
  readonly k: string;
  /** Model version. */
  readonly v: number;
  /** Execution environment that wrote the line. */
  readonly e: string;
  /** Sequence number within the environment, from 0: a gap is a lost line, a repeat is a duplicate. */
  readonly n: number;
  /** When the request was answered, in epoch milliseconds. */
  readonly t: number;
  /** Prediction id, `prd_…`. */
  readonly id: string;
  /** The caller's own id, from `X-Inference-Id`. */
  readonly x?: string;
  /** HTTP status when it is not 200. */
  readonly s?: number;
  /** Milliseconds spent in the handler, two decimals. */
  readonly ms: number;
  /** 1 for the first request of an environment. */
  readonly c?: 1;
  /** Rows of feature values in the signature's order; null is missing, or a column that is not captured. */
  readonly f: readonly (readonly CapturedValue[])[];
  /** Prediction of each row: the label of a classifier, else the first output. */
  readonly y: readonly (CapturedValue | readonly CapturedValue[])[];
  /** Score of each row, for classifiers and detectors: the positive class's, or the highest of many. */
  readonly q?: readonly (number | null)[];
  /** Index of the line's first row within the request; 0 marks the line that counts the request. */
  readonly o?: number;
  /** Rows of the whole request. */
  readonly m?: number;
  /** Code of the refusal or failure. */
  readonly err?: string;
}

export type CapturedValue = number | string | boolean | null;

/** Where a line starts, so that anything else on stdout is told apart without parsing it. */
export const CAPTURE_LINE_START = '{"prn":1,';

/** Reads one line of a log; undefined when it is not a capture line of this version, or is cut short. */
export function parseCaptureLine(text: string): CaptureLine | undefined {
  if (!text.startsWith(CAPTURE_LINE_START)) return undefined;
  let line: Partial<Record<keyof CaptureLine, unknown>>;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined;
  }
  const texts = [line.k, line.e, line.id].every((value) => typeof value === 'string');
  const numbers = [line.v, line.n, line.t, line.ms].every((value) => typeof value === 'number');
  const lists = Array.isArray(line.f) && Array.isArray(line.y);
  return texts && numbers && lists ? (line as unknown as CaptureLine) : undefined;
}

/** Whether this line stands for the request itself: further lines of a large one only bring rows. */
export function isFirstLine(line: CaptureLine): boolean {
  return (line.o ?? 0) === 0;
}
