import type { Call } from '../../../adapters/lambda/api.ts';
import type { CallContext } from '../../../domain/shared/call-context.ts';
import type { BodyOf } from '../../../domain/shared/route.ts';
import type { trackingRoutes } from '../../../domain/tracking/contract.ts';
import {
  deleteExperimentTag,
  moveExperiment,
  renameExperiment,
  setExperimentTag,
} from '../../../domain/tracking/experiments/change-experiment.ts';
import { createExperiment } from '../../../domain/tracking/experiments/create-experiment.ts';
import { getExperiment, getExperimentByName } from '../../../domain/tracking/experiments/experiment.ts';
import { listReadableExperiments } from '../../../domain/tracking/experiments/list-experiments.ts';
import { searchExperiments } from '../../../domain/tracking/experiments/search-experiments.ts';
import { toMlflowExperiment, toPlatformExperiment } from '../../../domain/tracking/views.ts';
import { store } from './dependencies.ts';

type Routes = typeof trackingRoutes;

/** MLflow's experiment calls. */
export const experimentHandlers = {
  createExperiment: async ({ context, body }: Call<Routes['createExperiment']>) => {
    const input = { name: body.name, artifactLocation: body.artifact_location, tags: body.tags };
    const { experimentId } = await createExperiment(store, context, input);
    return { body: { experiment_id: experimentId } };
  },
  searchExperiments: ({ context, body }: Call<Routes['searchExperiments']>) => answerSearch(context, body),
  findExperiments: ({ context, query }: Call<Routes['findExperiments']>) => answerSearch(context, query),
  getExperiment: async ({ context, query }: Call<Routes['getExperiment']>) => {
    const { value } = await getExperiment(store, context, query.experiment_id);
    return { body: { experiment: toMlflowExperiment(value) } };
  },
  getExperimentByName: async ({ context, query }: Call<Routes['getExperimentByName']>) => {
    const experiment = await getExperimentByName(store, context, query.experiment_name);
    return { body: { experiment: toMlflowExperiment(experiment) } };
  },
  deleteExperiment: async ({ context, body }: Call<Routes['deleteExperiment']>) => {
    await moveExperiment(store, context, body.experiment_id, 'deleted');
    return {};
  },
  restoreExperiment: async ({ context, body }: Call<Routes['restoreExperiment']>) => {
    await moveExperiment(store, context, body.experiment_id, 'active');
    return {};
  },
  updateExperiment: async ({ context, body }: Call<Routes['updateExperiment']>) => {
    await renameExperiment(store, context, body.experiment_id, body.new_name);
    return {};
  },
  setExperimentTag: async ({ context, body }: Call<Routes['setExperimentTag']>) => {
    await setExperimentTag(store, context, body.experiment_id, body);
    return {};
  },
  deleteExperimentTag: async ({ context, body }: Call<Routes['deleteExperimentTag']>) => {
    await deleteExperimentTag(store, context, body.experiment_id, body.key);
    return {};
  },
  listExperiments: async ({ context, query }: Call<Routes['listExperiments']>) => {
    const page = await listReadableExperiments(store, context, query);
    return { body: { ...page, items: page.items.map(toPlatformExperiment) } };
  },
};

async function answerSearch(context: CallContext, input: BodyOf<Routes['searchExperiments']>) {
  const found = await searchExperiments(store, context, {
    filter: input.filter,
    viewType: input.view_type,
    maxResults: input.max_results,
    orderBy: input.order_by,
    pageToken: input.page_token,
  });
  const experiments = found.experiments.map(toMlflowExperiment);
  const next = found.nextPageToken ? { next_page_token: found.nextPageToken } : {};
  return { body: { experiments, ...next } };
}
