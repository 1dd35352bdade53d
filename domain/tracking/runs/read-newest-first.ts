import type { Experiment } from '../experiments/experiment.ts';
import type { RunStore } from '../ports.ts';
import type { Run } from './run.ts';
import { clampTime } from './run-id.ts';

export interface ReadingOrder {
  /** Runs read at a time from each experiment. @default as many as one read takes */
  readonly limit?: number | undefined;
  /** The id of the run to go on behind; it may be of any of the experiments. */
  readonly after?: string | undefined;
}

/** The runs of experiments in MLflow's default order: start time descending, then run id. */
export async function* readNewestFirst(
  runs: Pick<RunStore, 'listRuns'>,
  tenant: string,
  experiments: readonly Experiment[],
  order: ReadingOrder,
): AsyncGenerator<Run> {
  const readers = experiments.map((experiment) => readExperiment(runs, tenant, experiment, order));
  const heads = await Promise.all(readers.map(async (reader) => ({ reader, next: await reader.next() })));
  for (;;) {
    const open = heads.filter(({ next }) => next.done !== true);
    if (open.length === 0) return;
    const first = open.reduce((a, b) => (isBefore(b.next.value as Run, a.next.value as Run) ? b : a));
    yield first.next.value as Run;
    first.next = await first.reader.next();
  }
}

async function* readExperiment(
  runs: Pick<RunStore, 'listRuns'>,
  tenant: string,
  experiment: Experiment,
  { limit, after }: ReadingOrder,
): AsyncGenerator<Run, undefined> {
  let cursor = after;
  do {
    const page = await runs.listRuns(tenant, experiment, { limit, cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return undefined;
}

function isBefore(a: Run, b: Run): boolean {
  const later = clampTime(a.startTime) - clampTime(b.startTime);
  return later > 0 || (later === 0 && a.runId < b.runId);
}
