import type { CallContext } from '../../shared/call-context.ts';
import { formatOffsetToken, parseOffsetToken } from '../../shared/mlflow/page-token.ts';
import type { Store } from '../../shared/store.ts';
import { compileExperimentFilter, parseExperimentFilter } from '../search/experiment-filter.ts';
import { parseExperimentOrder, sortExperiments } from '../search/experiment-order.ts';
import { checkMaxResults, isInView, type ViewType } from '../search/search-limits.ts';
import type { Experiment } from './experiment.ts';
import { listReadableExperiments } from './list-experiments.ts';

export interface ExperimentSearch {
  readonly filter?: string | undefined;
  readonly viewType: ViewType;
  readonly maxResults: number;
  readonly orderBy?: readonly string[] | undefined;
  readonly pageToken?: string | undefined;
}

/** Experiments read at a time: about 1 MB, which is what DynamoDB answers at most. */
const READ_SIZE = 1000;

/**
 * MLflow's experiments/search: by name, id, tags and times, newest first unless told otherwise. Reads all
 * experiments of the tenant, which has tens to hundreds: one query for each 1,000 of them.
 */
export async function searchExperiments(store: Store, context: CallContext, search: ExperimentSearch) {
  checkMaxResults(search.maxResults);
  const matches = compileExperimentFilter(parseExperimentFilter(search.filter));
  const order = parseExperimentOrder(search.orderBy ?? []);
  const offset = parseOffsetToken(search.pageToken);
  const found: Experiment[] = [];
  let cursor: string | undefined;
  do {
    const page = await listReadableExperiments(store, context, { limit: READ_SIZE, cursor });
    const visible = page.items
      .map(({ value }) => value)
      .filter(({ lifecycleStage }) => isInView(lifecycleStage, search.viewType));
    found.push(...visible.filter(matches));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  const end = offset + search.maxResults;
  const nextPageToken = found.length > end ? formatOffsetToken(end) : undefined;
  return { experiments: sortExperiments(found, order).slice(offset, end), nextPageToken };
}
