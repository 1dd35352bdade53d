import { InvalidParameterError } from '../errors.ts';
import type { LifecycleStage } from '../runs/run.ts';

export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** MLflow's SEARCH_MAX_RESULTS_THRESHOLD, for runs and experiments. */
const MAX_RESULTS = 50_000;

/** @throws InvalidParameterError unless a page may be so long */
export function checkMaxResults(maxResults: number): void {
  const refused = (rule: string) =>
    new InvalidParameterError(
      `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be ${rule}`,
    );
  if (maxResults < 1) throw refused('a positive integer');
  if (maxResults > MAX_RESULTS) throw refused(`at most ${MAX_RESULTS}`);
}

/** Whether a search with this view shows what is in this stage. */
export function isInView(stage: LifecycleStage, viewType: ViewType): boolean {
  return viewType === 'ALL' || (stage === 'active') === (viewType === 'ACTIVE_ONLY');
}
