import type { Call } from '../../../adapters/lambda/api.ts';
import {
  deleteExperimentTag,
  moveExperiment,
  renameExperiment,
  setExperimentTag,
} from '../../../domain/tracking/change-experiment.ts';
import type { trackingRoutes } from '../../../domain/tracking/contract.ts';
import { createExperiment } from '../../../domain/tracking/create-experiment.ts';
import { getExperiment, getExperimentByName } from '../../../domain/tracking/experiment.ts';
import { listReadableExperiments } from '../../../domain/tracking/list-experiments.ts';
import { searchExperiments } from '../../../domain/tracking/search-experiments.ts';
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
  searchExperiments: async ({ context, body }: Call<Routes['searchExperiments']>) => {
    const found = await searchExperiments(store, context, {
      filter: body.filter,
      viewType: body.view_type,
      maxResults: body.max_results,
      orderBy: body.order_by,
      pageToken: body.page_token,
    });
    const experiments = found.experiments.map(toMlflowExperiment);
    return {
      body: { experiments, ...(found.nextPageToken ? { next_page_token: found.nextPageToken } : {}) },
    };
  },
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
