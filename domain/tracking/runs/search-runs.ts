import type { CallContext } from '../../shared/call-context.ts';
import {
  decodePageToken,
  formatOffsetToken,
  parseOffsetToken,
  refusePageToken,
} from '../../shared/mlflow/page-token.ts';
import { mayUse } from '../../shared/permission.ts';
import { TooManyRunsToOrderError } from '../errors.ts';
import { checkExperimentId, type Experiment, guardExperiment } from '../experiments/experiment.ts';
import type { RunStore } from '../ports.ts';
import { compileRunFilter, parseRunFilter } from '../search/run-filter.ts';
import { parseRunOrder, type RunOrder, sortRuns } from '../search/run-order.ts';
import { checkMaxResults, isInView, type ViewType } from '../search/search-limits.ts';
import { readNewestFirst } from './read-newest-first.ts';
import type { Run } from './run.ts';
import { parseRunId } from './run-id.ts';

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
 * An order other than the default has to see every run before it knows the first. At some 50 µs a run this takes
 * the function a quarter of a minute; the gateway waits for half a minute.
 */
const MAX_RUNS_ORDERED = 150_000;

/**
 * Searches runs. In default order the partitions of the experiments are read newest first, until the page is
 * full: one query for 100 runs, one a MB when a filter passes runs over. In any other order all runs of the
 * experiments are read, a query a MB (about 2,000 usual runs), and only the page and those before it are kept.
 *
 * @throws TooManyRunsToOrderError when an order would have to see more runs than there is time for
 */
export async function searchRuns(
  runs: RunStore,
  context: CallContext,
  search: RunSearch,
): Promise<FoundRuns> {
  checkMaxResults(search.maxResults);
  const filter = compileRunFilter(parseRunFilter(search.filter));
  const order = parseRunOrder(search.orderBy);
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
  let examined = 0;
  for await (const run of readNewestFirst(runs, tenant, experiments, {})) {
    if (examined++ === MAX_RUNS_ORDERED) throw new TooManyRunsToOrderError(MAX_RUNS_ORDERED);
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
  return last && Buffer.from(JSON.stringify({ after: last.runId })).toString('base64');
}

function parseAfter(pageToken: string | undefined): string | undefined {
  if (pageToken === undefined || pageToken === '') return undefined;
  const held = decodePageToken(pageToken);
  const after = (held as { readonly after?: unknown } | null)?.after;
  if (typeof after === 'string' && parseRunId(after) !== undefined) return after;
  throw refusePageToken(held);
}
