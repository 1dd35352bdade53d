import { forEachConcurrently } from './concurrency.ts';
import { copyArtifacts } from './copy-artifacts.ts';
import type { MovedExperiment } from './copy-experiments.ts';
import { copyMetrics } from './copy-metrics.ts';
import type { Moved } from './id-map.ts';
import { logSplitting } from './log-splitting.ts';
import { digestRun, MARK, withoutMarks } from './marks.ts';
import { MlflowError } from './mlflow-error.ts';
import type { ModelLinks } from './model-links.ts';
import { attempt, type MoveContext, type StepProgress } from './move-context.ts';
import { getRun, listRuns } from './read-server.ts';
import type { MlflowRun } from './wire.ts';

/** MLflow's limit of params, and of tags, in a batch. */
const PER_BATCH = 100;

/** Copies what the runs hold, each wholly before it is marked as complete. */
export async function fillRuns(
  context: MoveContext,
  moved: readonly MovedExperiment[],
  links: ModelLinks,
  progress: StepProgress,
  total: number,
): Promise<void> {
  let count = 0;
  for (const experiment of moved) {
    const runs = listRuns(context.source, experiment.from.experiment_id);
    await forEachConcurrently(runs, context.options.concurrency, async (run) => {
      const pair = context.ids.find(run.info.run_id);
      if (pair !== undefined) {
        await attempt(context, `run ${run.info.run_id}`, () =>
          fillRun(context, experiment, run, pair, links),
        );
      }
      progress.at(++count, total);
    });
  }
}

async function fillRun(
  context: MoveContext,
  { from, isRestored }: MovedExperiment,
  run: MlflowRun,
  pair: Moved,
  links: ModelLinks,
): Promise<void> {
  const { target, journal, options } = context;
  const { info } = run;
  const state = digestRun(run);
  // The runs of a deleted experiment go with it; deleting one by one would say that they went before.
  const isDeleted = info.lifecycle_stage === 'deleted' && from.lifecycle_stage === 'active';
  const remove = () => target.post('runs/delete', { run_id: pair.to });
  if (journal.isDone(info.run_id, state) && !options.isRecheck) {
    if (isDeleted && isRestored) await remove();
    return;
  }
  const there = await readState(context, pair.to);
  if (there.state !== state || options.isRecheck) {
    if (there.isDeleted) await target.post('runs/restore', { run_id: pair.to });
    const whole = await getRun(context.source, info.run_id);
    const isWhole = await fill(context, whole, pair, links, there.state !== undefined || !there.isEmpty);
    if (isWhole) await target.post('runs/set-tag', { run_id: pair.to, key: MARK.state, value: state });
    if (isDeleted) await remove();
    if (!isWhole) return;
  } else if (isDeleted !== there.isDeleted && from.lifecycle_stage === 'active') {
    await (isDeleted ? remove() : target.post('runs/restore', { run_id: pair.to }));
  }
  journal.recordDone('run', info.run_id, state);
}

async function readState({ target }: MoveContext, id: string) {
  const run = await getRun(target, id);
  const state = run.data.tags?.find(({ key }) => key === MARK.state)?.value;
  const isEmpty = (run.data.params ?? []).length + (run.data.metrics ?? []).length === 0;
  return { state, isEmpty, isDeleted: run.info.lifecycle_stage === 'deleted' };
}

/** Whether everything of the run is there now. */
async function fill(
  context: MoveContext,
  run: MlflowRun,
  pair: Moved,
  links: ModelLinks,
  mayBeThere: boolean,
): Promise<boolean> {
  const { target, ids } = context;
  const { info, data } = run;
  const label = `run ${info.run_id}`;
  const known = context.problems.length;
  await logSplitting(context, label, pair.to, 'params', data.params ?? [], PER_BATCH);
  await copyMetrics(context, run, pair.to, links);
  await copyLinks(context, run, pair.to);
  const isWhole = await copyArtifacts(context, { kind: 'run', label, ...pair, mayBeThere });
  const tags = withoutMarks(data.tags).map(({ key, value }) => ({ key, value: ids.rewrite(value) }));
  await logSplitting(context, label, pair.to, 'tags', tags, PER_BATCH);
  const { status, end_time } = info;
  await target.post('runs/update', {
    run_id: pair.to,
    status,
    ...(end_time === undefined ? {} : { end_time }),
  });
  return isWhole && context.problems.slice(known).every(({ what }) => !what.startsWith(label));
}

/** Datasets and models that the run used, and models that it made. */
async function copyLinks(
  context: MoveContext,
  { info, inputs, outputs }: MlflowRun,
  to: string,
): Promise<void> {
  const { target, ids } = context;
  const toModels = <T extends { readonly model_id: string }>(models: readonly T[] | undefined): T[] =>
    (models ?? []).flatMap((model) => {
      const moved = ids.find(model.model_id);
      // A model that was deleted on the source is not there to link to.
      return moved === undefined ? [] : [{ ...model, model_id: moved.to }];
    });
  const datasets = inputs?.dataset_inputs ?? [];
  const used = toModels(inputs?.model_inputs);
  if (datasets.length + used.length > 0) {
    const body = { run_id: to, datasets, ...(used.length === 0 ? {} : { models: used }) };
    await attempt(context, `run ${info.run_id}: inputs`, async () => {
      await target.post('runs/log-inputs', body);
    });
  }
  const made = toModels(outputs?.model_outputs).map((model) => ({ ...model, step: model.step ?? 0 }));
  if (made.length === 0) return;
  await target.post('runs/outputs', { run_id: to, models: made }).catch((error: unknown) => {
    // Without logged models there is nothing to link to, and that is told for each model.
    if (!(error instanceof MlflowError && error.isEndpointAbsent)) throw error;
  });
}
