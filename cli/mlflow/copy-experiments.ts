import { MARK, readTag, withoutMarks } from './marks.ts';
import { attempt, type MoveContext } from './move-context.ts';
import { listExperiments } from './read-server.ts';
import type { MlflowExperiment } from './wire.ts';

/** An experiment on both sides. */
export interface MovedExperiment {
  readonly from: MlflowExperiment;
  readonly toId: string;
  /** It was made just now: nothing can be in it yet. */
  readonly isNew: boolean;
  /** It was deleted on the target and lives again while the move works on it. */
  readonly isRestored: boolean;
}

/**
 * Makes the experiments that the target has not got; where it has one of that name, the move adds to it. The
 * target chooses where artifacts lie.
 */
export async function copyExperiments(
  context: MoveContext,
  experiments: readonly MlflowExperiment[],
): Promise<MovedExperiment[]> {
  const there = await listExperiments(context.target);
  const moved: MovedExperiment[] = [];
  for (const from of experiments) {
    await attempt(context, `experiment '${from.name}'`, async () => {
      moved.push(await ensureExperiment(context, from, there));
    });
  }
  return moved;
}

async function ensureExperiment(
  context: MoveContext,
  from: MlflowExperiment,
  there: readonly MlflowExperiment[],
): Promise<MovedExperiment> {
  const { source, target, ids } = context;
  const marks = [
    { key: MARK.from, value: source.uri },
    { key: MARK.experiment, value: from.experiment_id },
  ];
  const found =
    there.find(({ tags }) => marks.every(({ key, value }) => readTag(tags, key) === value)) ??
    there.find(({ name }) => name === from.name);
  const tags = withoutMarks(from.tags).map(({ key, value }) => ({ key, value: ids.rewrite(value) }));
  if (found === undefined) {
    const body = { name: from.name, tags: [...tags, ...marks] };
    const { experiment_id } = await target.post<{ experiment_id: string }>('experiments/create', body);
    return { from, toId: experiment_id, isNew: true, isRestored: false };
  }
  const toId = found.experiment_id;
  const isRestored = found.lifecycle_stage === 'deleted';
  if (isRestored) await target.post('experiments/restore', { experiment_id: toId });
  for (const { key, value } of [...tags, ...marks]) {
    if (readTag(found.tags, key) === value) continue;
    await target.post('experiments/set-experiment-tag', { experiment_id: toId, key, value });
  }
  return { from, toId, isNew: false, isRestored };
}

/** Last of all, since nothing can be written to a deleted experiment. */
export async function deleteExperiments(
  context: MoveContext,
  moved: readonly MovedExperiment[],
): Promise<void> {
  for (const { from, toId } of moved) {
    if (from.lifecycle_stage !== 'deleted') continue;
    await attempt(context, `deleting experiment '${from.name}'`, async () => {
      await context.target.post('experiments/delete', { experiment_id: toId });
    });
  }
}
