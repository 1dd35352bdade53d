/** An endpoint of a tenant, as the capture bucket's keys name it. */
export interface CapturedEndpoint {
  readonly tenant: string;
  readonly endpoint: string;
}

/** One captured row, as raw captures keep it: a line of JSON that DuckDB and Athena read. */
export interface CapturedRow {
  readonly predictionId: string;
  readonly inferenceId?: string | undefined;
  /** Index of the row within its request. */
  readonly row: number;
  /** When the request was answered, epoch milliseconds. */
  readonly at: number;
  readonly version: number;
  /** Values by the signature's column names; null is missing or not captured. */
  readonly features: Readonly<Record<string, string | number | boolean | null>>;
  readonly prediction: unknown;
  readonly score?: number | null | undefined;
}

/** What happened, as it was posted: a line of JSON. */
export interface LabelRow {
  readonly predictionId?: string | undefined;
  readonly inferenceId?: string | undefined;
  readonly row: number;
  readonly value: unknown;
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  readonly observedAt?: string | undefined;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

const HOUR_MS = 3_600_000;

/** Where Firehose puts what the log subscription sends. */
export const LANDING_PREFIX = 'landing/';

/** The hours that a window touches, as epoch milliseconds of their start; the end is not included. */
export function hoursBetween(fromMs: number, toMs: number): number[] {
  const first = Math.floor(fromMs / HOUR_MS);
  const last = Math.ceil(toMs / HOUR_MS);
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => (first + i) * HOUR_MS);
}

/** `captures/tenant=…/endpoint=…/date=…/hour=…/`: Hive partitions; the version is a column. */
export function rowPrefix(endpoint: CapturedEndpoint, atMs: number): string {
  return `captures/${partition(endpoint, atMs)}`;
}

/** `labels/tenant=…/endpoint=…/date=…/hour=…/`: by the hour of arrival. */
export function labelPrefix(endpoint: CapturedEndpoint, receivedAtMs: number): string {
  return `labels/${partition(endpoint, receivedAtMs)}`;
}

function partition({ tenant, endpoint }: CapturedEndpoint, atMs: number): string {
  const time = new Date(atMs).toISOString();
  return `tenant=${tenant}/endpoint=${endpoint}/date=${time.slice(0, 10)}/hour=${time.slice(11, 13)}/`;
}
