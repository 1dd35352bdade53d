import type { CallContext } from '../../shared/call-context.ts';
import { mayUse } from '../../shared/permission.ts';
import { InvalidParameterError } from '../errors.ts';
import { checkExperimentId, guardExperiment } from '../experiments/experiment.ts';
import type { DatasetFilter } from '../search/logged-model-fields.ts';
import { compileLoggedModelFilter } from '../search/logged-model-filter.ts';
import { type LoggedModelOrderBy, sortLoggedModels } from '../search/logged-model-order.ts';
import { formatLoggedModelToken, parseLoggedModelToken } from '../search/logged-model-token.ts';
import type { LoggedModel } from './logged-model.ts';
import { toMlflowLoggedModel } from './logged-model-view.ts';
import type { LoggedModelStore } from './ports.ts';

export interface LoggedModelSearch {
  readonly experimentIds: readonly string[];
  readonly filter?: string | undefined;
  readonly datasets: readonly DatasetFilter[];
  /** @default 50; 0 is 100, as in MLflow */
  readonly maxResults?: number | undefined;
  readonly orderBy: readonly LoggedModelOrderBy[];
  readonly pageToken?: string | undefined;
}

/** When nothing is said: what MLflow's protocol says; MLflow's store says another number for 0. */
const DEFAULT_RESULTS = 50;
const RESULTS_FOR_ZERO = 100;
/** One query of DynamoDB answers at most 1 MB: some thousand models of usual size. */
const READ_SIZE = 1000;
/** Read by one call in default order; a filter that matches less gets a short page, which MLflow's clients follow. */
const MAX_READ = 20_000;
/** Lambda answers at most 6 MB; a page that would be larger is short. */
const MAX_PAGE_BYTES = 5_000_000;

interface Scan {
  readonly models: LoggedModelStore;
  readonly tenant: string;
  readonly search: LoggedModelSearch;
  readonly size: number;
  readonly matches: (model: LoggedModel) => boolean;
}

interface Reading {
  readonly found: readonly LoggedModel[];
  /** Whether there may be more behind `found`. */
  readonly isPart: boolean;
  /** The model that was read last, when models are found in the order of reading. */
  readonly after?: string | undefined;
}

/**
 * Searches logged models.
 *
 * Cost: one read of the experiments, which say who may see them. One experiment in default order is one query a page (of up to 1 MB), from where the page before ended; a
 * filter reads on until the page is full, at most 20,000 models. Several experiments are read up to the page's end
 * each. Any other order reads all models of the experiments, at some 300 bytes a model, and keeps what the page needs.
 */
export async function searchLoggedModels(
  models: LoggedModelStore,
  context: CallContext,
  search: LoggedModelSearch,
) {
  const size = checkSize(search.maxResults ?? DEFAULT_RESULTS);
  if (search.datasets.some(({ dataset_name }) => dataset_name === '')) {
    throw new InvalidParameterError('`dataset_name` in the `datasets` clause must be specified.');
  }
  const { offset, after } = parseLoggedModelToken(search.pageToken, search);
  const filter = compileLoggedModelFilter(search.filter, search.datasets);
  const matches = (model: LoggedModel) => model.lifecycleStage === 'active' && filter(model);
  const experimentIds = await findReadable(models, context, search.experimentIds);
  const scan = { models, tenant: context.tenant, search, size, matches };
  const [experimentId, ...others] = experimentIds;
  const streams = experimentId !== undefined && others.length === 0 && search.orderBy.length === 0;
  const reading =
    streams && (after !== undefined || offset === 0)
      ? await streamModels(scan, experimentId, after)
      : await sortModels(scan, experimentIds, offset);
  return toPage(search, offset, reading);
}

/** Absent experiments have no models; those that the caller may not read are as if absent. */
async function findReadable(
  models: LoggedModelStore,
  context: CallContext,
  experimentIds: readonly string[],
): Promise<string[]> {
  const ids = [...new Set(experimentIds.map(checkExperimentId))];
  if (ids.length === 0) return [];
  const found = await models.findExperiments(context.tenant, ids);
  return found
    .filter((experiment) => mayUse(context.principal, guardExperiment(experiment), 'READ'))
    .map(({ experimentId }) => experimentId);
}

function checkSize(size: number): number {
  if (size >= 0) return size || RESULTS_FOR_ZERO;
  throw new InvalidParameterError(
    `Invalid value ${size} for parameter 'max_results' supplied. It must be a positive integer`,
  );
}

function toPage(search: LoggedModelSearch, offset: number, { found, isPart, after }: Reading) {
  let bytes = 0;
  const fitting = found.filter((model, at) => {
    bytes += Buffer.byteLength(JSON.stringify(toMlflowLoggedModel(model)));
    return at === 0 || bytes <= MAX_PAGE_BYTES;
  });
  const isCut = fitting.length < found.length;
  if (!isPart && !isCut) return { models: fitting };
  const last = after !== undefined && isCut ? fitting.at(-1)?.modelId : after;
  const next = { offset: offset + fitting.length, after: last };
  return { models: fitting, nextPageToken: formatLoggedModelToken({ ...search, ...next }) };
}

/** Reads in the order of the keys, which is the default order, until the page is full. */
async function streamModels(
  { models, tenant, search, size, matches }: Scan,
  experimentId: string,
  start: string | undefined,
): Promise<Reading> {
  const isFiltered = Boolean(search.filter) || search.datasets.length > 0;
  const found: LoggedModel[] = [];
  let after = start ?? '';
  let read = 0;
  for (let cursor = start; ; ) {
    const limit = isFiltered ? READ_SIZE : Math.min(size - found.length + 1, READ_SIZE);
    const page = await models.list(tenant, experimentId, { limit, cursor });
    for (const model of page.items) {
      if (matches(model) && found.length === size) return { found, isPart: true, after };
      if (matches(model)) found.push(model);
      after = model.modelId;
    }
    read += page.items.length;
    if (page.nextCursor === null) return { found, isPart: false, after };
    if (read >= MAX_READ) return { found, isPart: true, after };
    cursor = page.nextCursor;
  }
}

async function sortModels(scan: Scan, experimentIds: readonly string[], offset: number): Promise<Reading> {
  const { search, size } = scan;
  const end = offset + size;
  let found: LoggedModel[] = [];
  for (const experimentId of experimentIds) {
    for await (const matching of readMatching(scan, experimentId, end + 1)) {
      found.push(...matching);
      // What is behind the page's end stays behind it: memory holds the page's end, not the experiment.
      if (found.length > 2 * (end + READ_SIZE))
        found = sortLoggedModels(found, search.orderBy).slice(0, end + 1);
    }
  }
  const sorted = sortLoggedModels(found, search.orderBy);
  return { found: sorted.slice(offset, end), isPart: sorted.length > end };
}

/** An experiment's matching models, a read at a time; in default order no more than are needed. */
async function* readMatching(
  { models, tenant, search, matches }: Scan,
  experimentId: string,
  needed: number,
): AsyncGenerator<LoggedModel[]> {
  let count = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await models.list(tenant, experimentId, { limit: READ_SIZE, cursor });
    const matching = page.items.filter(matches);
    yield matching;
    count += matching.length;
    if (page.nextCursor === null || (search.orderBy.length === 0 && count >= needed)) return;
    cursor = page.nextCursor;
  }
}
