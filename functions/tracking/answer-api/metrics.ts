import type { Call } from '../../../adapters/lambda/api.ts';
import type { trackingRoutes } from '../../../domain/tracking/contract.ts';
import { getMetricHistory } from '../../../domain/tracking/metrics/metric-history.ts';
import {
  readMetricHistories,
  sampleMetricHistories,
} from '../../../domain/tracking/metrics/metric-sample.ts';
import { toMlflowMetric, toMlflowMetricOfRun } from '../../../domain/tracking/views.ts';
import { runs } from './dependencies.ts';

type Routes = typeof trackingRoutes;

/** MLflow's calls that read metric histories. */
export const metricHandlers = {
  getMetricHistory: async ({ context, query }: Call<Routes['getMetricHistory']>) => {
    const page = { maxResults: query.max_results, pageToken: query.page_token };
    const found = await getMetricHistory(runs, context, query.run_id, query.metric_key, page);
    const next = found.nextPageToken === undefined ? {} : { next_page_token: found.nextPageToken };
    return { body: { metrics: found.points.map(toMlflowMetric), ...next } };
  },
  sampleMetricHistories: async ({ context, query }: Call<Routes['sampleMetricHistories']>) => {
    const found = await sampleMetricHistories(runs, context, {
      runIds: query.run_ids,
      metricKey: query.metric_key,
      maxResults: query.max_results,
      startStep: query.start_step,
      endStep: query.end_step,
    });
    return { body: { metrics: found.map(toMlflowMetricOfRun) } };
  },
  readMetricHistories: async ({ context, query }: Call<Routes['readMetricHistories']>) => {
    const found = await readMetricHistories(runs, context, {
      runIds: query.run_id,
      metricKey: query.metric_key,
      maxResults: query.max_results,
    });
    return { body: { metrics: found.map(toMlflowMetricOfRun) } };
  },
};
