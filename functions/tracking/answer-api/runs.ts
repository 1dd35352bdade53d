import { randomBytes } from 'node:crypto';
import type { Call } from '../../../adapters/lambda/api.ts';
import type { trackingRoutes } from '../../../domain/tracking/contract.ts';
import { createRun } from '../../../domain/tracking/create-run.ts';
import { logBatch } from '../../../domain/tracking/log-batch.ts';
import { logInputs, resolveInputs } from '../../../domain/tracking/log-inputs.ts';
import { logBatchAboutModels } from '../../../domain/tracking/logged-models/log-batch-about-models.ts';
import { toMetricOfModel } from '../../../domain/tracking/logged-models/logged-model-view.ts';
import { deleteRunTag, getRun, moveRun, updateRun } from '../../../domain/tracking/manage-runs.ts';
import { requireRunId } from '../../../domain/tracking/require-run-id.ts';
import { searchRuns } from '../../../domain/tracking/search-runs.ts';
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
    return { body: { run: toMlflowRun(run) } };
  },
  updateRun: async ({ context, body }: Call<Routes['updateRun']>) => {
    const update = { status: body.status, endTime: body.end_time, name: body.run_name };
    const run = await updateRun(runs, context, requireRunId(body), update);
    return { body: { run_info: toMlflowRunInfo(run) } };
  },
  getRun: async ({ context, query }: Call<Routes['getRun']>) => {
    const run = await getRun(runs, context, requireRunId(query));
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
    await moveRun(runs, context, requireRunId(body), 'deleted');
    return {};
  },
  restoreRun: async ({ context, body }: Call<Routes['restoreRun']>) => {
    await moveRun(runs, context, requireRunId(body), 'active');
    return {};
  },
  logMetric: async ({ context, body }: Call<Routes['logMetric']>) => {
    const batch = { metrics: [toMetricOfModel(body)], params: [], tags: [] };
    await logBatchAboutModels({ runs, models: loggedModels }, context, requireRunId(body), batch);
    return {};
  },
  logParam: async ({ context, body }: Call<Routes['logParam']>) => {
    await logBatch(runs, context, requireRunId(body), { metrics: [], params: [body], tags: [] });
    return {};
  },
  setTag: async ({ context, body }: Call<Routes['setTag']>) => {
    await logBatch(runs, context, requireRunId(body), { metrics: [], params: [], tags: [body] });
    return {};
  },
  deleteTag: async ({ context, body }: Call<Routes['deleteTag']>) => {
    await deleteRunTag(runs, context, requireRunId(body), body.key);
    return {};
  },
  logBatch: async ({ context, body }: Call<Routes['logBatch']>) => {
    const batch = { ...body, metrics: body.metrics.map(toMetricOfModel) };
    await logBatchAboutModels({ runs, models: loggedModels }, context, requireRunId(body), batch);
    return {};
  },
  logInputs: async ({ context, body }: Call<Routes['logInputs']>) => {
    const models = body.models.map(({ model_id }) => model_id);
    await logInputs(runs, context, requireRunId(body), body.datasets, models);
    return {};
  },
};
