import { logSplitting } from './log-splitting.ts';
import type { ModelLinks } from './model-links.ts';
import type { MoveContext } from './move-context.ts';
import { listPoints } from './read-server.ts';
import type { MlflowMetric, MlflowRun } from './wire.ts';

/** MLflow's limit of a batch. */
const POINTS_PER_BATCH = 1000;

/**
 * Copies every point of a run's metrics; a point that is there already is not added again. Only two pages are in
 * memory at a time.
 */
export async function copyMetrics(
  context: MoveContext,
  run: MlflowRun,
  to: string,
  links: ModelLinks,
): Promise<void> {
  const label = `run ${run.info.run_id}`;
  const log = (points: readonly MlflowMetric[]) =>
    logSplitting(context, label, to, 'metrics', points, POINTS_PER_BATCH);
  let waiting: MlflowMetric[] = [];
  for (const { key } of run.data.metrics ?? []) {
    for await (const page of listPoints(context.source, run.info.run_id, key)) {
      const layers = toLayers(context, run.info.run_id, page, links);
      waiting.push(...(layers[0] ?? []));
      for (const layer of layers.slice(1)) await log(layer);
      const whole = waiting.length - (waiting.length % POINTS_PER_BATCH);
      await log(waiting.slice(0, whole));
      waiting = waiting.slice(whole);
    }
  }
  await log(waiting);
}

/**
 * A point that belongs to several models is sent once for each, in batches of their own: one batch must not hold
 * the same point twice.
 */
function toLayers(
  { ids }: MoveContext,
  runId: string,
  points: readonly MlflowMetric[],
  links: ModelLinks,
): MlflowMetric[][] {
  const layers: MlflowMetric[][] = [[]];
  for (const { key, value, timestamp, step = 0, ...rest } of points) {
    const point = { key, value, timestamp, step };
    const own = links.find(runId, point);
    const linked =
      own.length > 0 || rest.model_id === undefined ? own : [{ ...rest, model_id: rest.model_id }];
    const copies = linked.flatMap(({ model_id, dataset_name, dataset_digest }) => {
      const moved = ids.find(model_id);
      const dataset = dataset_name === undefined ? {} : { dataset_name, dataset_digest };
      return moved === undefined ? [] : [{ ...point, model_id: moved.to, ...dataset }];
    });
    for (const [i, copy] of (copies.length === 0 ? [point] : copies).entries()) {
      layers[i] ??= [];
      layers[i].push(copy);
    }
  }
  return layers;
}
