import type { CallContext } from '../shared/call-context.ts';
import { parseFilter } from '../shared/mlflow-filter.ts';
import { InvalidParameterError } from './errors.ts';
import { compileFilter, type Field, findField } from './match-run.ts';
import type { RunStore } from './ports.ts';
import type { Run } from './run.ts';

export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

export interface RunSearch {
  readonly experimentIds: readonly string[];
  readonly filter?: string | undefined;
  readonly viewType: ViewType;
  readonly maxResults: number;
  readonly orderBy: readonly string[];
  readonly pageToken?: string | undefined;
}

interface Order {
  readonly field: Field;
  readonly descending: boolean;
}

interface Position {
  readonly cursor?: string | undefined;
  readonly offset: number;
}

/** One read of stored runs: DynamoDB answers at most 1 MB, some hundred runs of usual size. */
const READ_SIZE = 250;

/**
 * Searches runs. One experiment in default order streams from its partition, page by page; every other order
 * (or several experiments) reads what matches and sorts: docs/data-model.md has the cost.
 */
export async function searchRuns(runs: RunStore, context: CallContext, search: RunSearch) {
  if (search.maxResults < 1 || search.maxResults > 50_000) {
    throw new InvalidParameterError(
      `Invalid value ${search.maxResults} for parameter 'max_results' supplied. It must be ${search.maxResults < 1 ? 'a positive integer' : 'at most 50000'}`,
    );
  }
  const position = parsePageToken(search.pageToken);
  const filter = compileFilter(parseFilter(search.filter));
  const matches = (run: Run) => isVisible(run, search.viewType) && filter(run);
  const orders = search.orderBy.map(parseOrder);
  const streams = orders.length === 0 && search.experimentIds.length === 1;
  return streams
    ? streamRuns(runs, context, search, matches, position)
    : sortRuns(runs, context, search, matches, orders, position);
}

function isVisible(run: Run, viewType: ViewType): boolean {
  return viewType === 'ALL' || (run.lifecycleStage === 'active') === (viewType === 'ACTIVE_ONLY');
}

async function streamRuns(
  runs: RunStore,
  context: CallContext,
  { experimentIds, maxResults }: RunSearch,
  matches: (run: Run) => boolean,
  position: Position,
) {
  const found: Run[] = [];
  let cursor = position.cursor;
  do {
    const limit = Math.min(maxResults - found.length + 1, READ_SIZE);
    const page = await runs.listRuns(context.tenant, experimentIds[0] as string, { limit, cursor });
    for (const run of page.items) {
      if (!matches(run)) continue;
      if (found.length === maxResults)
        return { runs: found, nextPageToken: formatPageToken(found.at(-1) as Run) };
      found.push(run);
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { runs: found, nextPageToken: undefined };
}

async function sortRuns(
  runs: RunStore,
  context: CallContext,
  { experimentIds, maxResults }: RunSearch,
  matches: (run: Run) => boolean,
  orders: readonly Order[],
  { offset }: Position,
) {
  const found: Run[] = [];
  for (const experimentId of new Set(experimentIds)) {
    let cursor: string | undefined;
    do {
      const page = await runs.listRuns(context.tenant, experimentId, { limit: READ_SIZE, cursor });
      found.push(...page.items.filter(matches));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
  found.sort((a, b) => compareRuns(a, b, orders));
  const end = offset + maxResults;
  const nextPageToken = found.length > end ? encode({ offset: end }) : undefined;
  return { runs: found.slice(offset, end), nextPageToken };
}

/** The given orders, then newest first, then run id: ties must not move between pages. */
function compareRuns(a: Run, b: Run, orders: readonly Order[]): number {
  for (const { field, descending } of orders) {
    const order = compareValues(field.read(a), field.read(b), descending);
    if (order !== 0) return order;
  }
  return b.startTime - a.startTime || (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0);
}

/** Values, then NaN, then missing, in both directions. */
function compareValues(
  a: string | number | undefined,
  b: string | number | undefined,
  descending: boolean,
): number {
  const rank = (value: string | number | undefined) =>
    value === undefined ? 2 : Number.isNaN(value) ? 1 : 0;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) > 0 || a === b) return 0;
  const order = (a as string | number) < (b as string | number) ? -1 : 1;
  return descending ? -order : order;
}

function parseOrder(clause: string): Order {
  const parts = /^\s*(?:([A-Za-z_]+)\.)?(`[^`]+`|"[^"]+"|[^\s`"]+)(?:\s+(asc|desc))?\s*$/i.exec(clause);
  if (parts === null) throw new InvalidParameterError(`Invalid order_by clause '${clause}'`);
  const key = (parts[2] as string).replace(/^(["`])(.*)\1$/s, '$2');
  return {
    field: findField(parts[1]?.toLowerCase() ?? 'attribute', key),
    descending: parts[3]?.toLowerCase() === 'desc',
  };
}

function formatPageToken(last: Run): string {
  return encode({ after: last.runId });
}

function encode(token: object): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function parsePageToken(token: string | undefined): Position {
  if (token === undefined || token === '') return { offset: 0 };
  try {
    const { after, offset } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    if (typeof after === 'string') return { cursor: after, offset: 0 };
    if (Number.isInteger(offset) && (offset as number) >= 0) return { offset: offset as number };
  } catch {
    // Not one of ours: refused below in MLflow's words.
  }
  throw new InvalidParameterError('Invalid page token, could not base64-decode');
}
