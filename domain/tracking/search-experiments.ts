import type { CallContext } from '../shared/call-context.ts';
import { type Clause, parseFilter, toLikePattern } from '../shared/mlflow-filter.ts';
import type { Store } from '../shared/store.ts';
import { InvalidParameterError } from './errors.ts';
import type { Experiment } from './experiment.ts';
import { listReadableExperiments } from './list-experiments.ts';
import type { ViewType } from './search-runs.ts';

export interface ExperimentSearch {
  readonly filter?: string | undefined;
  readonly viewType: ViewType;
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
}

/** Experiments read at a time: a tenant has tens to hundreds of them. */
const READ_SIZE = 500;

/** Searches experiments by name, tags and times, newest first; a page token continues after the last one. */
export async function searchExperiments(store: Store, context: CallContext, search: ExperimentSearch) {
  if (search.maxResults < 1 || search.maxResults > 50_000) {
    throw new InvalidParameterError(
      `Invalid value ${search.maxResults} for parameter 'max_results' supplied`,
    );
  }
  const tests = parseFilter(search.filter).map(compileClause);
  const found: Experiment[] = [];
  let cursor: string | undefined = search.pageToken || undefined;
  do {
    const limit = Math.min(READ_SIZE, search.maxResults - found.length);
    const page = await listReadableExperiments(store, context, { limit, cursor });
    const visible = page.items
      .map(({ value }) => value)
      .filter((experiment) => isVisible(experiment, search.viewType));
    found.push(...visible.filter((experiment) => tests.every((test) => test(experiment))));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && found.length < search.maxResults);
  return { experiments: found, nextPageToken: cursor };
}

function isVisible(experiment: Experiment, viewType: ViewType): boolean {
  return viewType === 'ALL' || (experiment.lifecycleStage === 'active') === (viewType === 'ACTIVE_ONLY');
}

function compileClause({ entity, key, comparator, value }: Clause): (experiment: Experiment) => boolean {
  const read = findField(entity, key);
  const compare = compileComparison(comparator, value);
  return (experiment) => {
    const found = read(experiment);
    return found !== undefined && compare(found);
  };
}

function findField(entity: string, key: string): (experiment: Experiment) => string | number | undefined {
  if (entity === 'tag' || entity === 'tags') return (experiment) => experiment.tags[key];
  const attributes: Readonly<Record<string, (experiment: Experiment) => string | number>> = {
    name: ({ name }) => name,
    experiment_id: ({ experimentId }) => experimentId,
    creation_time: ({ createdAt }) => Date.parse(createdAt),
    last_update_time: ({ updatedAt }) => Date.parse(updatedAt),
  };
  const attribute = entity.startsWith('attr') ? attributes[key] : undefined;
  if (attribute !== undefined) return attribute;
  throw new InvalidParameterError(`Invalid attribute key '${key}' specified.`);
}

function compileComparison(
  comparator: Clause['comparator'],
  wanted: Clause['value'],
): (value: string | number) => boolean {
  if (comparator === 'LIKE' || comparator === 'ILIKE') {
    const pattern = toLikePattern(String(wanted), comparator === 'ILIKE');
    return (value) => pattern.test(String(value));
  }
  if (wanted === undefined || Array.isArray(wanted))
    throw new InvalidParameterError(`Invalid comparator '${comparator}'`);
  const tests: Partial<Record<Clause['comparator'], (value: string | number) => boolean>> = {
    '=': (value) => value === wanted,
    '!=': (value) => value !== wanted,
    '>': (value) => value > wanted,
    '>=': (value) => value >= wanted,
    '<': (value) => value < wanted,
    '<=': (value) => value <= wanted,
  };
  return tests[comparator] ?? (() => false);
}
