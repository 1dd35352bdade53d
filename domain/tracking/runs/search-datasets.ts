import type { CallContext } from '../../shared/call-context.ts';
import { mayUse } from '../../shared/permission.ts';
import { InvalidParameterError } from '../errors.ts';
import { checkExperimentId, guardExperiment } from '../experiments/experiment.ts';
import type { RunStore } from '../ports.ts';

/** MLflow's limits of this call, which its UI makes for a list of experiments. */
const MAX_EXPERIMENTS = 20;
const MAX_SUMMARIES = 1000;

export interface DatasetSummary {
  readonly experiment_id: string;
  readonly name: string;
  readonly digest: string;
  readonly context?: string;
}

/** The datasets that runs of the experiments used, once for each context they were used in. */
export async function searchDatasets(
  runs: Pick<RunStore, 'findExperiments' | 'listDatasets'>,
  context: CallContext,
  experimentIds: readonly string[],
): Promise<DatasetSummary[]> {
  if (experimentIds.length === 0) {
    throw new InvalidParameterError('SearchDatasets request must specify at least one experiment_id.');
  }
  if (experimentIds.length > MAX_EXPERIMENTS) {
    throw new InvalidParameterError(
      `SearchDatasets request cannot specify more than ${MAX_EXPERIMENTS} experiment_ids. Received ${experimentIds.length} experiment_ids.`,
    );
  }
  const ids = [...new Set(experimentIds.map(checkExperimentId))];
  const experiments = await runs.findExperiments(context.tenant, ids);
  const readable = experiments.filter((each) => mayUse(context.principal, guardExperiment(each), 'READ'));
  const summaries: DatasetSummary[] = [];
  for (const { experimentId } of readable) {
    const limit = MAX_SUMMARIES - summaries.length;
    if (limit === 0) break;
    const used = await runs.listDatasets(context.tenant, experimentId, limit);
    summaries.push(...used.flatMap((each) => summarize(experimentId, each)).slice(0, limit));
  }
  return summaries;
}

function summarize(
  experimentId: string,
  { dataset: { name, digest }, contexts }: Awaited<ReturnType<RunStore['listDatasets']>>[number],
): DatasetSummary[] {
  const summary = { experiment_id: experimentId, name, digest };
  return contexts.map((context) => (context === '' ? summary : { ...summary, context }));
}
