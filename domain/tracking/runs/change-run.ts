import type { CallContext } from '../../shared/call-context.ts';
import { ConcurrentChangeError } from '../../shared/domain-error.ts';
import { makeEvent, type PlatformEvent } from '../../shared/event.ts';
import { type Permission, requirePermission } from '../../shared/permission.ts';
import type { Change } from '../../shared/store.ts';
import { RunNotFoundError } from '../errors.ts';
import { RunChanged } from '../events.ts';
import { guardExperiment } from '../experiments/experiment.ts';
import { MAX_RECENT } from '../metrics/add-points.ts';
import type { RunStore, RunWrite, StoredRun } from '../ports.ts';
import type { Run } from './run.ts';
import { requireActiveRun } from './run-lifecycle.ts';

/** Sixteen writers on one run meet often; each lost race costs one more read and write. */
const MAX_ATTEMPTS = 40;

export interface RunChange {
  /** What the audit is told; by default that somebody new logged to the run. */
  readonly event?: ((before: Run, after: Run, sequence: number) => PlatformEvent | undefined) | undefined;
  /** What else of the store changes with it. */
  readonly changes?: ((after: Run) => readonly Change[]) | undefined;
  /** Whether the run may be deleted. */
  readonly evenDeleted?: boolean;
  /** @default EDIT */
  readonly needed?: Permission;
}

/** The run, active or deleted. @throws RunNotFoundError, ForbiddenError */
export async function loadRun(
  runs: Pick<RunStore, 'find'>,
  context: CallContext,
  runId: string,
  needed: Permission = 'READ',
): Promise<StoredRun> {
  const found = await runs.find(context.tenant, runId);
  if (found === undefined) throw new RunNotFoundError(runId);
  requirePermission(context, guardExperiment(found.experiment), needed);
  return found;
}

/**
 * Reads a run, changes it and saves it; repeats when somebody else was faster. The change answers the same object
 * when there is nothing to change.
 *
 * @throws RunNotFoundError, ForbiddenError, InvalidParameterError when it is deleted
 */
export async function changeRun(
  runs: RunStore,
  context: CallContext,
  runId: string,
  change: (run: Run) => Run,
  {
    event = tellNewWriter(context),
    changes = () => [],
    evenDeleted = false,
    needed = 'EDIT',
  }: RunChange = {},
): Promise<Run> {
  const chunkId = context.newId('mtr');
  for (let attempt = 1; ; attempt++) {
    const { run, revision } = await loadRun(runs, context, runId, needed);
    if (!evenDeleted) requireActiveRun(run);
    const changed = change(run);
    if (changed === run) return run;
    const { next, write } = prepare(context, changed, chunkId);
    try {
      await runs.save(context.tenant, next, revision, {
        ...write,
        event: event(run, next, revision + 1),
        changes: changes(next),
      });
      return next;
    } catch (error) {
      if (!(error instanceof ConcurrentChangeError) || attempt === MAX_ATTEMPTS) throw error;
      await runs.waitAfterLostRace(attempt);
    }
  }
}

/** The run as it is saved: with its writer, and without the points that have become too many for its item. */
function prepare(context: CallContext, run: Run, chunkId: string): { next: Run; write: RunWrite } {
  const writers = run.writers.includes(context.actor) ? run.writers : [...run.writers, context.actor];
  if (run.recent.length <= MAX_RECENT) return { next: { ...run, writers }, write: {} };
  const chunk = { id: chunkId, points: run.recent };
  return { next: { ...run, writers, recent: [] }, write: { chunk } };
}

/**
 * An event for each metric would cost more than the metric; the audit has who created, updated and moved a run,
 * and each actor who ever logged to it (docs/adr/0025).
 */
function tellNewWriter(context: CallContext): NonNullable<RunChange['event']> {
  return (before, after, sequence) =>
    before.writers.length === after.writers.length
      ? undefined
      : makeRunChanged(context, after, 'logged', sequence);
}

export function makeRunChanged(
  context: CallContext,
  { runId, experimentId }: Run,
  change: 'updated' | 'logged' | 'deleted' | 'restored' | 'purged',
  sequence: number,
): PlatformEvent {
  return makeEvent(RunChanged, context, {
    resource: runResource({ runId, experimentId }),
    sequence,
    data: { runId, experimentId, change },
  });
}

export function runResource({ runId, experimentId }: Pick<Run, 'runId' | 'experimentId'>): string {
  return `experiments/${experimentId}/runs/${runId}`;
}
