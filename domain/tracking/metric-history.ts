import type { CallContext } from '../shared/call-context.ts';
import { getRun } from './manage-runs.ts';
import type { RunStore } from './ports.ts';
import type { MetricPoint } from './run.ts';

/** Chunks read at a time; a chunk holds what one call logged. */
const CHUNKS_PER_READ = 200;

/** All values of a metric by timestamp, step and value; exact repeats count once, so retries leave no trace. */
export async function getMetricHistory(
  runs: RunStore,
  context: CallContext,
  runId: string,
  key: string,
): Promise<MetricPoint[]> {
  await getRun(runs, context.tenant, runId);
  const points = new Map<string, MetricPoint>();
  let cursor: string | undefined;
  do {
    const page = await runs.listMetrics(context.tenant, runId, key, { limit: CHUNKS_PER_READ, cursor });
    for (const point of page.items) points.set(`${point.timestamp}/${point.step}/${point.value}`, point);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return [...points.values()].sort(
    (a, b) => a.timestamp - b.timestamp || a.step - b.step || a.value - b.value,
  );
}
