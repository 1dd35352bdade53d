import { randomBytes } from 'node:crypto';
import type { Call } from '../../../adapters/lambda/api.ts';
import type { loggedModelRoutes } from '../../../domain/tracking/logged-model-contract.ts';
import { getLoggedModel } from '../../../domain/tracking/logged-models/change-logged-model.ts';
import { createLoggedModel } from '../../../domain/tracking/logged-models/create-logged-model.ts';
import { logOutputs } from '../../../domain/tracking/logged-models/log-outputs.ts';
import {
  parseModelStatus,
  toMlflowLoggedModel,
} from '../../../domain/tracking/logged-models/logged-model-view.ts';
import {
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  logLoggedModelParams,
  setLoggedModelTags,
} from '../../../domain/tracking/logged-models/manage-logged-models.ts';
import { searchLoggedModels } from '../../../domain/tracking/logged-models/search-logged-models.ts';
import { loggedModels, runs, store } from './dependencies.ts';

type Routes = typeof loggedModelRoutes;

/** MLflow 3's calls about logged models. */
export const loggedModelHandlers = {
  createLoggedModel: async ({ context, body }: Call<Routes['createLoggedModel']>) => {
    const model = await createLoggedModel({ store, models: loggedModels, randomBytes }, context, {
      experimentId: body.experiment_id,
      name: body.name,
      modelType: body.model_type,
      sourceRunId: body.source_run_id,
      params: body.params,
      tags: body.tags,
    });
    return { body: { model: toMlflowLoggedModel(model) } };
  },
  searchLoggedModels: async ({ context, body }: Call<Routes['searchLoggedModels']>) => {
    const found = await searchLoggedModels(loggedModels, context, {
      experimentIds: body.experiment_ids,
      filter: body.filter,
      datasets: body.datasets,
      maxResults: body.max_results,
      orderBy: body.order_by,
      pageToken: body.page_token,
    });
    const models = found.models.map(toMlflowLoggedModel);
    return {
      body: {
        ...(models.length > 0 ? { models } : {}),
        ...(found.nextPageToken === undefined ? {} : { next_page_token: found.nextPageToken }),
      },
    };
  },
  getLoggedModel: async ({ context, params, query }: Call<Routes['getLoggedModel']>) => {
    const allowDeleted = query.allow_deleted?.toLowerCase() === 'true';
    const model = await getLoggedModel(loggedModels, context, params.model_id, { allowDeleted });
    return { body: { model: toMlflowLoggedModel(model) } };
  },
  /** MLflow's server goes by the id in the body, which is required beside the path's. */
  finalizeLoggedModel: async ({ context, body }: Call<Routes['finalizeLoggedModel']>) => {
    const status = parseModelStatus(body.status);
    const model = await finalizeLoggedModel(loggedModels, context, body.model_id, status);
    return { body: { model: toMlflowLoggedModel(model) } };
  },
  deleteLoggedModel: async ({ context, params }: Call<Routes['deleteLoggedModel']>) => {
    await deleteLoggedModel(loggedModels, context, params.model_id);
    return {};
  },
  setLoggedModelTags: async ({ context, params, body }: Call<Routes['setLoggedModelTags']>) => {
    await setLoggedModelTags(loggedModels, context, params.model_id, body.tags);
    return {};
  },
  deleteLoggedModelTag: async ({ context, params }: Call<Routes['deleteLoggedModelTag']>) => {
    await deleteLoggedModelTag(loggedModels, context, params.model_id, params.tag_key);
    return {};
  },
  logOutputs: async ({ context, body }: Call<Routes['logOutputs']>) => {
    const outputs = body.models.map(({ model_id, step }) => ({ modelId: model_id, step }));
    await logOutputs(runs, context, body.run_id, outputs);
    return {};
  },
  logLoggedModelParams: async ({ context, params, body }: Call<Routes['logLoggedModelParams']>) => {
    await logLoggedModelParams(loggedModels, context, params.model_id, body.params);
    return {};
  },
};
