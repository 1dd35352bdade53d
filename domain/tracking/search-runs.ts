import type { CallContext } from '../shared/call-context.ts';
import { parseFilter } from '../shared/mlflow-filter.ts';
import { mayUse } from '../shared/permission.ts';
import { InvalidParameterError } from './errors.ts';
import { checkExperimentId, type Experiment, guardExperiment } from './experiment.ts';
import { compileFilter } from './match-run.ts';
import type { RunStore } from './ports.ts';
import { readNewestFirst } from './read-newest-first.ts';
import type { Run } from './run.ts';
import { parseRunId } from './run-id.ts';
import { parseRunOrder, type RunOrder, sortRuns } from './run-order.ts';

export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

export interface RunSearch {
  readonly experimentIds: readonly string[];
  readonly filter?: string | undefined;
  readonly viewType: ViewType;
  readonly maxResults: number;
  readonly orderBy: readonly string[];
  readonly pageToken?: string | undefined;
}

export interface FoundRuns {
  readonly runs: readonly Run[];
  readonly nextPageToken: string | undefined;
}

type Matches = (run: Run) => boolean;

/**
 * Lambda answers 6 MB. A page that would be larger ends earlier, with a token: short pages are legal, and
 * MLflow's client follows the token (mlflow.md 2.0).
 */
const MAX_PAGE_CHARACTERS = 4_000_000;
/** A filter that hardly anything matches gives what it has found after this many runs, with a token. */
const MAX_RUNS_EXAMINED = 50_000;

/**
 * Searches runs. In default order the partitions of the experiments are read newest first, until the page is
 * full: one query for 100 runs, one a MB when a filter passes runs over. In any other order all runs of the
 * experiments are read, a query a MB (about 1,000 usual runs), and only the page and those before it are kept.
 */
export async function searchRuns(
  runs: RunStore,
  context: CallContext,
  search: RunSearch,
): Promise<FoundRuns> {
  checkMaxResults(search.maxResults);
  const order = parseRunOrder(search.orderBy);
  const filter = compileFilter(parseFilter(search.filter));
  const matches = (run: Run) => isInView(run.lifecycleStage, search.viewType) && filter(run);
  const experiments = await findReadable(runs, context, search.experimentIds);
  return order.isDefault
    ? streamRuns(runs, context.tenant, experiments, search, matches)
    : orderRuns(runs, context.tenant, experiments, search, matches, order);
}

/** Absent experiments have no runs; those that the caller may not read are as if absent. */
async function findReadable(
  runs: RunStore,
  context: CallContext,
  experimentIds: readonly string[],
): Promise<Experiment[]> {
  const ids = [...new Set(experimentIds.map(checkExperimentId))];
  if (ids.length === 0) return [];
  const found = await runs.findExperiments(context.tenant, ids);
  return found.filter((experiment) => mayUse(context.principal, guardExperiment(experiment), 'READ'));
}

async function streamRuns(
  runs: RunStore,
  tenant: string,
  experiments: readonly Experiment[],
  { maxResults, pageToken, filter, viewType }: RunSearch,
  matches: Matches,
): Promise<FoundRuns> {
  // Without a filter one run more than asked for tells whether there are more; with one, whole reads are best.
  const limit = filter === undefined && viewType !== 'DELETED_ONLY' ? maxResults + 1 : undefined;
  const page = new PageOfRuns(maxResults);
  let [examined, last] = [0, undefined as Run | undefined];
  for await (const run of readNewestFirst(runs, tenant, experiments, {
    limit,
    after: parseAfter(pageToken),
  })) {
    if (examined++ === MAX_RUNS_EXAMINED) return { runs: page.runs, nextPageToken: formatAfter(last) };
    if (matches(run)) {
      if (page.isFull()) return { runs: page.runs, nextPageToken: formatAfter(last) };
      page.add(run);
    }
    last = run;
  }
  return { runs: page.runs, nextPageToken: undefined };
}

async function orderRuns(
  runs: RunStore,
  tenant: string,
  experiments: readonly Experiment[],
  { maxResults, pageToken }: RunSearch,
  matches: Matches,
  order: RunOrder,
): Promise<FoundRuns> {
  const offset = parseOffsetToken(pageToken);
  const end = offset + maxResults;
  let best: Run[] = [];
  for await (const run of readNewestFirst(runs, tenant, experiments, {})) {
    if (matches(run)) best.push(run);
    // Sorting at each doubling keeps memory at twice the page, and the work at a few comparisons a run.
    if (best.length > 2 * (end + 1) + 1000) best = sortRuns(best, order).slice(0, end + 1);
  }
  const page = new PageOfRuns(maxResults);
  const sorted = sortRuns(best, order);
  for (const run of sorted.slice(offset)) {
    if (page.isFull()) break;
    page.add(run);
  }
  const next = offset + page.runs.length;
  return { runs: page.runs, nextPageToken: next < sorted.length ? formatOffsetToken(next) : undefined };
}

/** Runs up to a number and a size. */
class PageOfRuns {
  readonly runs: Run[] = [];
  readonly #maxResults: number;
  #characters = 0;

  constructor(maxResults: number) {
    this.#maxResults = maxResults;
  }

  isFull(): boolean {
    return this.runs.length >= this.#maxResults || this.#characters > MAX_PAGE_CHARACTERS;
  }

  add(run: Run): void {
    this.runs.push(run);
    this.#characters += countCharacters(run);
  }
}

/** What the run's JSON has, about: names and values, and the braces and names around them. */
function countCharacters({ params, tags, latest }: Run): number {
  const pairs = [...Object.entries(params), ...Object.entries(tags)];
  const texts = pairs.reduce((sum, [key, value]) => sum + key.length + value.length + 30, 0);
  return 600 + texts + Object.keys(latest).reduce((sum, key) => sum + key.length + 90, 0);
}

/** In default order a page goes on behind a run, whatever was created meanwhile. */
function formatAfter(last: Run | undefined): string | undefined {
  return last && encode({ after: last.runId });
}

function formatOffsetToken(offset: number): string {
  return encode({ offset });
}

function encode(token: object): string {
  return Buffer.from(JSON.stringify(token)).toString('base64');
}

function decodePageToken(token: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token, 'base64').toString()) as Record<string, unknown>;
  } catch {
    throw new InvalidParameterError('Invalid page token, could not base64-decode');
  }
}

function parseOffsetToken(token: string | undefined): number {
  if (token === undefined || token === '') return 0;
  const { offset } = decodePageToken(token);
  if (Number.isInteger(offset) && (offset as number) >= 0) return offset as number;
  throw refusePageToken();
}

function parseAfter(pageToken: string | undefined): string | undefined {
  if (pageToken === undefined || pageToken === '') return undefined;
  const { after } = decodePageToken(pageToken);
  if (typeof after === 'string' && parseRunId(after) !== undefined) return after;
  throw refusePageToken();
}

function refusePageToken(): InvalidParameterError {
  return new InvalidParameterError('Invalid page token, could not base64-decode');
}

function isInView(stage: Run['lifecycleStage'], viewType: ViewType): boolean {
  return viewType === 'ALL' || (stage === 'active') === (viewType === 'ACTIVE_ONLY');
}

function checkMaxResults(maxResults: number): void {
  if (maxResults >= 1 && maxResults <= 50_000) return;
  throw new InvalidParameterError(
    `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be ${maxResults < 1 ? 'a positive integer' : 'at most 50000'}`,
  );
}
