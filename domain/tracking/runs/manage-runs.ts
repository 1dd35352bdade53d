import type { CallContext } from '../../shared/call-context.ts';
import { makeEvent } from '../../shared/event.ts';
import type { Change } from '../../shared/store.ts';
import { putTrash } from '../../shared/trash.ts';
import { RunNotFoundError } from '../errors.ts';
import { RunFinished } from '../events.ts';
import type { RunStore } from '../ports.ts';
import { changeRun, loadRun, makeRunChanged, type RunChange, runResource } from './change-run.ts';
import { type LifecycleStage, RUN_NAME_TAG, type Run, type RunStatus } from './run.ts';
import { moveTo } from './run-lifecycle.ts';

export interface RunUpdate {
  readonly status?: RunStatus | undefined;
  readonly endTime?: number | undefined;
  readonly name?: string | undefined;
}

const FINAL_STATUSES: readonly RunStatus[] = ['FINISHED', 'FAILED', 'KILLED'];

/** The run, active or deleted. */
export async function getRun(
  runs: Pick<RunStore, 'find'>,
  context: CallContext,
  runId: string,
): Promise<Run> {
  const { run } = await loadRun(runs, context, runId);
  return run;
}

/** Updates what is given; reaching a final status emits RunFinished in the same transaction. */
export async function updateRun(
  runs: RunStore,
  context: CallContext,
  runId: string,
  update: RunUpdate,
): Promise<Run> {
  const change = (run: Run): Run => {
    const name = update.name || run.name;
    const tags = update.name ? { ...run.tags, [RUN_NAME_TAG]: name } : run.tags;
    return {
      ...run,
      status: update.status ?? run.status,
      endTime: update.endTime ?? run.endTime,
      name,
      tags,
    };
  };
  return changeRun(runs, context, runId, change, { event: tellUpdate(context) });
}

function tellUpdate(context: CallContext): NonNullable<RunChange['event']> {
  return (before, after, sequence) => {
    const { runId, experimentId, name, status, startTime, endTime } = after;
    if (status === before.status || !isFinal(status)) {
      return makeRunChanged(context, after, 'updated', sequence);
    }
    const data = { runId, experimentId, name, status, startTime, endTime };
    return makeEvent(RunFinished, context, { resource: runResource(after), sequence, data });
  };
}

function isFinal(status: RunStatus): status is 'FINISHED' | 'FAILED' | 'KILLED' {
  return FINAL_STATUSES.includes(status);
}

/** Deletes or restores a run; doing it twice changes nothing. */
export async function moveRun(
  runs: RunStore,
  context: CallContext,
  runId: string,
  to: LifecycleStage,
): Promise<void> {
  const change = (run: Run) => (run.lifecycleStage === to ? run : moveTo(run, to, context.nowMs));
  const what = to === 'deleted' ? 'deleted' : 'restored';
  const event: RunChange['event'] = (_, after, sequence) => makeRunChanged(context, after, what, sequence);
  const changes = ({ deletedAt }: Run): Change[] =>
    deletedAt === undefined
      ? []
      : [putTrash(context, { tenant: context.tenant, kind: 'run', id: runId, deletedAt })];
  await changeRun(runs, context, runId, change, { event, changes, evenDeleted: true });
}

/** Removes a tag; a missing one is an error, as in MLflow. */
export async function deleteRunTag(
  runs: RunStore,
  context: CallContext,
  runId: string,
  key: string,
): Promise<void> {
  await changeRun(runs, context, runId, (run) => {
    if (!Object.hasOwn(run.tags, key)) {
      const error = new RunNotFoundError(runId);
      error.message = `No tag with name: ${key} in run with id ${runId}`;
      throw error;
    }
    const { [key]: _, ...tags } = run.tags;
    return { ...run, tags };
  });
}
