import type { CallContext } from '../../shared/call-context.ts';
import { InvalidParameterError } from '../errors.ts';
import type { RunStore } from '../ports.ts';
import { loadRun } from '../runs/change-run.ts';
import type { MetricPoint, Run } from '../runs/run.ts';
import { type Position, selectEarliest } from './metric-order.ts';

/** A page of 25,000 points is 2 MB of JSON; Lambda answers 6 MB. MLflow's client asks for pages of this size. */
export const MAX_HISTORY_PAGE = 25_000;

export interface HistoryPage {
  readonly maxResults?: number | undefined;
  readonly pageToken?: string | undefined;
}

/**
 * A page of a metric's values by timestamp, step and value; exact repeats count once, so that retries leave no
 * trace. Memory holds two pages, however long the history; a page reads the history up to its own end.
 */
export async function getMetricHistory(
  runs: RunStore,
  context: CallContext,
  runId: string,
  key: string,
  { maxResults, pageToken }: HistoryPage = {},
): Promise<{ readonly points: readonly MetricPoint[]; readonly nextPageToken: string | undefined }> {
  if (maxResults !== undefined && maxResults <= 0) {
    throw new InvalidParameterError(
      `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be a positive integer.`,
    );
  }
  const { run } = await loadRun(runs, context, runId);
  const after = pageToken ? parseToken(pageToken) : undefined;
  const limit = Math.min(maxResults ?? MAX_HISTORY_PAGE, MAX_HISTORY_PAGE);
  const parts = readParts(runs, context.tenant, run, key);
  const { points, more } = await selectEarliest(parts, limit, after);
  const last = points.at(-1);
  return { points, nextPageToken: more && last !== undefined ? formatToken(last) : undefined };
}

/** All values of a metric in the order of the history, for samples of a chart. */
export async function readWholeHistory(
  runs: RunStore,
  tenant: string,
  run: Run,
  key: string,
): Promise<MetricPoint[]> {
  const { points } = await selectEarliest(readParts(runs, tenant, run, key), Number.POSITIVE_INFINITY);
  return points;
}

/**
 * What the run's item holds comes first: points only ever move from there into chunks, which are written before,
 * so that none is passed over.
 */
async function* readParts(runs: RunStore, tenant: string, run: Run, key: string) {
  const latest = Object.hasOwn(run.latest, key) ? [run.latest[key] as MetricPoint] : [];
  const recent = run.recent.filter((point) => point.key === key);
  yield { fromTimestamp: 0, points: [...latest, ...recent] };
  yield* runs.readHistory(tenant, run.runId, key);
}

function formatToken({ timestamp, step, value }: MetricPoint): string {
  const position: Position = { timestamp, step, value: String(value) };
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function parseToken(token: string): Position {
  try {
    const { timestamp, step, value } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Position;
    if (typeof timestamp === 'number' && typeof step === 'number' && typeof value === 'string') {
      return { timestamp, step, value };
    }
  } catch {
    // Not one of ours: refused below in MLflow's words.
  }
  throw new InvalidParameterError('Invalid page token, could not base64-decode');
}
