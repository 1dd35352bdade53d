import type { CallContext } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Store } from '../shared/store.ts';
import { listTrash, type TrashEntry } from '../shared/trash.ts';
import { ExperimentChanged } from './events.ts';
import {
  defaultArtifactLocation,
  type Experiment,
  experimentKey,
  experimentNameKey,
} from './experiments/experiment.ts';
import type { LoggedModel } from './logged-models/logged-model.ts';
import { makeLoggedModelChanged } from './logged-models/manage-logged-models.ts';
import type { LoggedModelStore } from './logged-models/ports.ts';
import type { RunStore } from './ports.ts';
import { makeRunChanged } from './runs/change-run.ts';
import type { Run } from './runs/run.ts';

export interface PurgeDependencies {
  readonly store: Store;
  readonly runs: RunStore;
  readonly models: LoggedModelStore;
  /** Removes all files at or below an `mlflow-artifacts:` address of the tenant; other addresses are none of ours. */
  readonly removeArtifacts: (tenant: string, artifactUri: string) => Promise<void>;
  /** Removes all files below a prefix of the artifact bucket. */
  readonly removeFiles: (prefix: string) => Promise<void>;
  /** The context of work in a tenant. */
  readonly contextFor: (tenant: string) => CallContext;
  /** Whether to go on: what is left is taken up the next time. */
  readonly hasTime: () => boolean;
}

/** Entries read at a time; each is removed before the next ones are read. */
const ENTRIES_PER_READ = 100;

/**
 * Removes for good what was deleted before a time: experiments with their runs and logged models, single runs and
 * models, and files without an owner, each with its artifacts. A name that a removed experiment had is free again. What was restored
 * meanwhile is left alone.
 *
 * @returns how many entries of the trash were dealt with
 */
export async function purgeDeleted(deps: PurgeDependencies, beforeMs: number): Promise<number> {
  for (let done = 0; ; ) {
    const entries = await listTrash(deps.store, beforeMs, ENTRIES_PER_READ);
    if (entries.length === 0) return done;
    for (const entry of entries) {
      if (!deps.hasTime() || !(await purgeEntry(deps, entry.value))) return done;
      await deps.store.commit([{ remove: entry.key, expect: entry.revision }]);
      done += 1;
    }
  }
}

/** False when there was no time to end it. */
async function purgeEntry(deps: PurgeDependencies, entry: TrashEntry): Promise<boolean> {
  if (entry.kind === 'files') await deps.removeFiles(entry.prefix);
  if (entry.kind === 'run') await purgeRun(deps, entry.tenant, entry.id, entry.deletedAt);
  if (entry.kind === 'logged-model') await purgeLoggedModel(deps, entry.tenant, entry.id);
  if (entry.kind === 'experiment') return purgeExperiment(deps, entry.tenant, entry.id, entry.deletedAt);
  return true;
}

async function purgeRun(
  deps: PurgeDependencies,
  tenant: string,
  runId: string,
  deletedAt: number,
): Promise<void> {
  const stored = await deps.runs.find(tenant, runId);
  if (stored === undefined || stored.run.deletedAt !== deletedAt) return;
  await removeRun(deps, tenant, stored.run);
  const event = makeRunChanged(deps.contextFor(tenant), stored.run, 'purged', stored.revision + 1);
  await deps.store.commit([{ emit: event }]);
}

/** A deleted model is never restored. */
async function purgeLoggedModel(deps: PurgeDependencies, tenant: string, modelId: string): Promise<void> {
  const stored = await deps.models.find(tenant, modelId);
  if (stored === undefined) return;
  await removeLoggedModel(deps, tenant, stored.model);
  const context = deps.contextFor(tenant);
  const event = makeLoggedModelChanged(context, stored.model, 'purged', stored.revision + 1);
  await deps.store.commit([{ emit: event }]);
}

async function removeLoggedModel(
  { models, removeArtifacts }: PurgeDependencies,
  tenant: string,
  { modelId, artifactUri }: Pick<LoggedModel, 'modelId' | 'artifactUri'>,
): Promise<void> {
  await removeArtifacts(tenant, artifactUri);
  await models.remove(tenant, modelId);
}

/** Files first: a run that is still there is found again when the removal breaks off. */
async function removeRun(
  { runs, removeArtifacts }: PurgeDependencies,
  tenant: string,
  run: Run,
): Promise<void> {
  await removeArtifacts(tenant, run.artifactUri);
  await runs.remove(tenant, run.runId);
}

async function purgeExperiment(
  deps: PurgeDependencies,
  tenant: string,
  experimentId: string,
  deletedAt: number,
): Promise<boolean> {
  const item = await deps.store.get<Experiment>(experimentKey(tenant, experimentId));
  if (item === undefined || item.value.deletedAt !== deletedAt) return true;
  for (;;) {
    const { items } = await deps.runs.listRuns(tenant, item.value, { limit: ENTRIES_PER_READ });
    if (items.length === 0) break;
    for (const run of items) {
      if (!deps.hasTime()) return false;
      await removeRun(deps, tenant, run);
    }
  }
  for (;;) {
    const { items } = await deps.models.list(tenant, experimentId, { limit: ENTRIES_PER_READ });
    if (items.length === 0) break;
    for (const model of items) {
      if (!deps.hasTime()) return false;
      await removeLoggedModel(deps, tenant, model);
    }
  }
  const { artifactLocation } = item.value;
  // Others may share a location that was chosen; the own one holds nothing else.
  if (artifactLocation === defaultArtifactLocation(experimentId))
    await deps.removeArtifacts(tenant, artifactLocation);
  await removeExperiment(deps, tenant, item);
  return true;
}

async function removeExperiment(
  { store, contextFor }: PurgeDependencies,
  tenant: string,
  { key, value, revision }: Item<Experiment>,
): Promise<void> {
  const { experimentId, name } = value;
  const held = await store.get(experimentNameKey(tenant, name));
  const event = makeEvent(ExperimentChanged, contextFor(tenant), {
    resource: `experiments/${experimentId}`,
    sequence: revision + 1,
    data: { experimentId, change: 'purged' },
  });
  await store.commit([
    { remove: key, expect: revision },
    ...(held === undefined ? [] : [{ remove: held.key, expect: held.revision }]),
    { emit: event },
  ]);
}
