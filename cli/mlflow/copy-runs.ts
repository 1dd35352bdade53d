import { randomUUID } from 'node:crypto';
import { forEachConcurrently } from './concurrency.ts';
import type { MovedExperiment } from './copy-experiments.ts';
import { MARK, readTag } from './marks.ts';
import { attempt, createOnce, type MoveContext, type StepProgress } from './move-context.ts';
import { listRuns } from './read-server.ts';
import type { MlflowRun } from './wire.ts';

/**
 * Makes an empty run for each run of the source, so that every id is known before texts with ids are copied. A
 * run that a killed move has made is found by its mark.
 */
export async function copyRuns(
  context: MoveContext,
  moved: readonly MovedExperiment[],
  progress: StepProgress,
): Promise<void> {
  let count = 0;
  for (const experiment of moved) {
    const there = new MarkedRuns(context, experiment);
    const runs = listRuns(context.source, experiment.from.experiment_id);
    await forEachConcurrently(runs, context.options.concurrency, async (run) => {
      if (context.ids.find(run.info.run_id) === undefined) {
        await attempt(context, `run ${run.info.run_id}`, () => makeRun(context, experiment, run, there));
      }
      progress.at(++count);
    });
  }
}

async function makeRun(
  context: MoveContext,
  { toId }: MovedExperiment,
  { info }: MlflowRun,
  there: MarkedRuns,
): Promise<void> {
  const { source, target } = context;
  const body = {
    experiment_id: toId,
    user_id: info.user_id ?? '',
    run_name: info.run_name ?? '',
    start_time: info.start_time ?? 0,
    tags: [
      { key: MARK.from, value: source.uri },
      { key: MARK.run, value: info.run_id },
    ],
  };
  const call = {
    method: 'POST',
    body,
    isRepeatable: false,
    headers: { 'idempotency-key': randomUUID() },
  };
  const made =
    (await there.find(info.run_id)) ??
    (await createOnce(
      async () => (await target.call<{ run: MlflowRun }>('runs/create', call)).run,
      () => there.ask(info.run_id),
    ));
  const { run_id: to, artifact_uri: toUri } = made.info;
  const pair = { from: info.run_id, to, fromUri: info.artifact_uri, toUri };
  context.ids.add(pair);
  context.journal.recordMade('run', pair);
}

/** The target's runs of one experiment by the run that they are a copy of, read when first needed. */
class MarkedRuns {
  readonly #context: MoveContext;
  readonly #experiment: MovedExperiment;
  #runs: Promise<ReadonlyMap<string, MlflowRun>> | undefined;

  constructor(context: MoveContext, experiment: MovedExperiment) {
    this.#context = context;
    this.#experiment = experiment;
  }

  async find(id: string): Promise<MlflowRun | undefined> {
    if (this.#experiment.isNew) return undefined;
    this.#runs ??= this.#read();
    return (await this.#runs).get(id);
  }

  /** Asks for one run only, past what was read before. */
  async ask(id: string): Promise<MlflowRun | undefined> {
    return (await this.#read(`tags.\`${MARK.run}\` = '${id}'`)).get(id);
  }

  async #read(filter?: string): Promise<ReadonlyMap<string, MlflowRun>> {
    const marked = new Map<string, MlflowRun>();
    for await (const run of listRuns(this.#context.target, this.#experiment.toId, filter)) {
      const id = readTag(run.data.tags, MARK.run);
      if (id !== undefined) marked.set(id, { info: run.info, data: {} });
    }
    return marked;
  }
}
