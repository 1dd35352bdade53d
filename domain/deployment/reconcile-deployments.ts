import { type CallContext, isoTime } from '../shared/call-context.ts';
import type { Item, Store } from '../shared/store.ts';
import { put } from './command-rollout.ts';
import type { RolloutRunner } from './ports.ts';
import { type Rollout, rolloutKey } from './rollout.ts';
import { listUnfinishedWork, type UnfinishedWork } from './unfinished-work.ts';

/** A tick a minute and its retries take less; whoever is silent this long has lost its execution. */
const STALLED_MS = 150_000;
/** A removal takes seconds; its function's own retries are over after six minutes, and may overlap. */
const REMOVAL_STALLED_MS = 180_000;
const PAGE = 200;

export interface Reconciled {
  readonly restartedRollouts: readonly string[];
  readonly restartedDeletions: readonly string[];
}

/**
 * Takes up what an outage interrupted: rollouts whose execution is gone get a new one, which goes on from the
 * stored state; deletions start again. Whether an execution is gone is told by its ticks, not by asking Step
 * Functions, which answers 15 times a second at most and may have forgotten.
 */
export async function reconcileDeployments(
  deps: { readonly store: Store; readonly runner: RolloutRunner },
  contextOf: (tenant: string) => CallContext,
): Promise<Reconciled> {
  const { items } = await listUnfinishedWork(deps.store, { limit: PAGE });
  const restartedRollouts: string[] = [];
  const restartedDeletions: string[] = [];
  for (const { value: work } of items) {
    const context = contextOf(work.tenant);
    if (work.work === 'deletion' && (await restartDeletion(deps.runner, context, work))) {
      restartedDeletions.push(work.id);
    }
    if (work.work === 'rollout' && (await restartRollout(deps, context, work.id))) {
      restartedRollouts.push(work.id);
    }
  }
  return { restartedRollouts, restartedDeletions };
}

async function restartDeletion(
  runner: RolloutRunner,
  context: CallContext,
  work: UnfinishedWork,
): Promise<boolean> {
  if (context.nowMs - Date.parse(work.since) < REMOVAL_STALLED_MS) return false;
  await runner.removeEndpoint(work.tenant, work.id);
  return true;
}

async function restartRollout(
  { store, runner }: { readonly store: Store; readonly runner: RolloutRunner },
  context: CallContext,
  id: string,
): Promise<boolean> {
  const item: Item<Rollout> | undefined = await store.get<Rollout>(rolloutKey(context.tenant, id));
  if (item === undefined || item.value.status === 'COMPLETED') return false;
  if (context.nowMs - Date.parse(item.value.lastAdvancedAt) < STALLED_MS) return false;
  const generation = item.value.generation + 1;
  // The new time keeps the next minute's reconciler away while this one's execution starts.
  await store.commit([put(item, { ...item.value, generation, lastAdvancedAt: isoTime(context) })]);
  await runner.start(context.tenant, id, generation);
  return true;
}
