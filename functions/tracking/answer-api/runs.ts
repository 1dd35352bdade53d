import { randomBytes } from 'node:crypto';
import type { Call } from '../../../adapters/lambda/api.ts';
import type { trackingRoutes } from '../../../domain/tracking/contract.ts';
import { logBatchAboutModels } from '../../../domain/tracking/logged-models/log-batch-about-models.ts';
import { toMetricOfModel } from '../../../domain/tracking/logged-models/logged-model-view.ts';
import { createRun } from '../../../domain/tracking/runs/create-run.ts';
import { logBatch, logOne } from '../../../domain/tracking/runs/log-batch.ts';
import { logInputs, resolveInputs } from '../../../domain/tracking/runs/log-inputs.ts';
import { deleteRunTag, getRun, moveRun, updateRun } from '../../../domain/tracking/runs/manage-runs.ts';
import { recordLoggedModel } from '../../../domain/tracking/runs/record-logged-model.ts';
import { searchDatasets } from '../../../domain/tracking/runs/search-datasets.ts';
import { searchRuns } from '../../../domain/tracking/runs/search-runs.ts';
import { toMlflowRun, toMlflowRunInfo } from '../../../domain/tracking/views.ts';
import { loggedModels, runs, store } from './dependencies.ts';

type Routes = typeof trackingRoutes;

/** MLflow's run and metric calls. */
export const runHandlers = {
  createRun: async ({ context, body }: Call<Routes['createRun']>) => {
    const run = await createRun({ store, runs, randomBytes }, context, {
      experimentId: body.experiment_id,
      name: body.run_name,
      userId: body.user_id,
      startTime: body.start_time,
      tags: body.tags,
    });
    // A new run has no outputs; MLflow does not name them yet.
    const { outputs: _, ...shown } = toMlflowRun(run);
    return { body: { run: shown } };
  },
  updateRun: async ({ context, body }: Call<Routes['updateRun']>) => {
    const update = { status: body.status, endTime: body.end_time, name: body.run_name };
    const run = await updateRun(runs, context, body.run_id, update);
    return { body: { run_info: toMlflowRunInfo(run) } };
  },
  getRun: async ({ context, query }: Call<Routes['getRun']>) => {
    const run = await getRun(runs, context, query.run_id);
    const inputs = await resolveInputs(runs, context.tenant, [run]);
    return { body: { run: toMlflowRun(run, inputs.get(run.runId)) } };
  },
  searchRuns: async ({ context, body }: Call<Routes['searchRuns']>) => {
    const found = await searchRuns(runs, context, {
      experimentIds: body.experiment_ids,
      filter: body.filter,
      viewType: body.run_view_type,
      maxResults: body.max_results,
      orderBy: body.order_by,
      pageToken: body.page_token,
    });
    const page = found.nextPageToken === undefined ? {} : { next_page_token: found.nextPageToken };
    const inputs = await resolveInputs(runs, context.tenant, found.runs);
    return { body: { runs: found.runs.map((run) => toMlflowRun(run, inputs.get(run.runId))), ...page } };
  },
  deleteRun: async ({ context, body }: Call<Routes['deleteRun']>) => {
    await moveRun(runs, context, body.run_id, 'deleted');
    return {};
  },
  restoreRun: async ({ context, body }: Call<Routes['restoreRun']>) => {
    await moveRun(runs, context, body.run_id, 'active');
    return {};
  },
  logMetric: async ({ context, body }: Call<Routes['logMetric']>) => {
    const batch = { metrics: [toMetricOfModel(body)], params: [], tags: [] };
    await logBatchAboutModels({ runs, models: loggedModels }, context, body.run_id, batch, logOne);
    return {};
  },
  logParam: async ({ context, body }: Call<Routes['logParam']>) => {
    await logOne(runs, context, body.run_id, { params: [body] });
    return {};
  },
  setTag: async ({ context, body }: Call<Routes['setTag']>) => {
    await logOne(runs, context, body.run_id, { tags: [body] });
    return {};
  },
  deleteTag: async ({ context, body }: Call<Routes['deleteTag']>) => {
    await deleteRunTag(runs, context, body.run_id, body.key);
    return {};
  },
  logBatch: async ({ context, body }: Call<Routes['logBatch']>) => {
    const batch = { ...body, metrics: body.metrics.map(toMetricOfModel) };
    await logBatchAboutModels({ runs, models: loggedModels }, context, body.run_id, batch, logBatch);
    return {};
  },
  logInputs: async ({ context, body }: Call<Routes['logInputs']>) => {
    const models = body.models.map(({ model_id }) => model_id);
    await logInputs(runs, context, body.run_id, body.datasets, models);
    return {};
  },
  recordLoggedModel: async ({ context, body }: Call<Routes['recordLoggedModel']>) => {
    await recordLoggedModel(runs, context, body.run_id, body.model_json);
    return {};
  },
  searchDatasets: async ({ context, body }: Call<Routes['searchDatasets']>) => {
    return { body: { dataset_summaries: await searchDatasets(runs, context, body.experiment_ids) } };
  },
};
