import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chosen, chooseWhat } from './choose-what.ts';
import { copyExperiments, deleteExperiments, type MovedExperiment } from './copy-experiments.ts';
import { copyLoggedModels } from './copy-logged-models.ts';
import { copyRegistry } from './copy-registry.ts';
import { copyRuns } from './copy-runs.ts';
import { countSide } from './count-side.ts';
import { type Counts, compareTallies, type Difference, type Tally } from './counts.ts';
import { fillRuns } from './fill-runs.ts';
import { IdMap } from './id-map.ts';
import type { Journal } from './journal.ts';
import type { MlflowServer } from './mlflow-server.ts';
import { ModelLinks } from './model-links.ts';
import type { MoveContext, MoveOptions, Problem, StepProgress } from './move-context.ts';
import { listExperiments } from './read-server.ts';

/** Runs a step under a title and shows how far it is. */
export type ShowStep = <T>(title: string, work: (progress: StepProgress) => Promise<T>) => Promise<T>;

export interface MoveReport {
  readonly from: string;
  readonly to: string;
  readonly counts: { readonly source: Counts; readonly target: Counts };
  readonly differences: readonly Difference[];
  /** What could not be copied. */
  readonly problems: readonly Problem[];
}

export interface MoveInput {
  readonly source: MlflowServer;
  readonly target: MlflowServer;
  readonly journal: Journal;
  readonly options: Omit<MoveOptions, 'folder'>;
  readonly show: ShowStep;
}

/** Copies from one MLflow server to another and counts on both sides what is there now. */
export async function move({ source, target, journal, options, show }: MoveInput): Promise<MoveReport> {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-move-'));
  try {
    const ids = new IdMap();
    for (const moved of journal.made) ids.add(moved);
    const context = { source, target, journal, ids, problems: [], options: { ...options, folder } };
    const chosen = await show('Reading what the source has', () => chooseWhat(source, context.options));
    const experiments = await copy(context, chosen, show);
    return await compare(context, chosen, experiments, show);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a move would copy. */
export async function surveyMove(
  source: MlflowServer,
  options: Omit<MoveOptions, 'folder'>,
  show: ShowStep,
): Promise<Tally> {
  const chosen = await show('Reading what the source has', () =>
    chooseWhat(source, { ...options, folder: '' }),
  );
  return show('Counting on the source', (progress) => countSource(source, chosen, options, progress));
}

async function copy(
  context: MoveContext,
  chosen: Chosen,
  show: ShowStep,
): Promise<readonly MovedExperiment[]> {
  const links = new ModelLinks();
  const moved = await show('Experiments', () => copyExperiments(context, chosen.experiments));
  let runs = 0;
  await show('Runs', (progress) =>
    copyRuns(context, moved, {
      at: (count) => {
        runs = count;
        progress.at(count);
      },
    }),
  );
  await show('Logged models', (progress) => copyLoggedModels(context, moved, links, progress));
  await show('Metrics, params, tags and artifacts of runs', (progress) =>
    fillRuns(context, moved, links, progress, runs),
  );
  await show('Registered models and versions', (progress) => copyRegistry(context, chosen.models, progress));
  await deleteExperiments(context, moved);
  return moved;
}

async function compare(
  context: MoveContext,
  chosen: Chosen,
  moved: readonly MovedExperiment[],
  show: ShowStep,
): Promise<MoveReport> {
  const { source, target, options, problems } = context;
  const from = await show('Counting on the source', (progress) =>
    countSource(source, chosen, options, progress),
  );
  const there = await listExperiments(target);
  const experiments = moved.flatMap(({ from: original, toId }) => {
    const experiment = there.find(({ experiment_id }) => experiment_id === toId);
    // One that somebody renamed on the target is still the same.
    return experiment === undefined
      ? []
      : [{ experiment: { ...experiment, name: original.name }, tags: original.tags ?? [] }];
  });
  const { withArtifacts, concurrency } = options;
  const models = chosen.models.map(({ model }) => model);
  const side = { server: target, experiments, models, importedFrom: source.uri, withArtifacts, concurrency };
  const to = await show('Counting on the target', (progress) => countSide(side, progress));
  return {
    from: source.uri,
    to: target.uri,
    counts: { source: from.total, target: to.total },
    differences: compareTallies(from, to),
    problems,
  };
}

function countSource(
  server: MlflowServer,
  { experiments, models }: Chosen,
  { withArtifacts, concurrency }: Omit<MoveOptions, 'folder'>,
  progress: StepProgress,
): Promise<Tally> {
  const side = {
    server,
    experiments: experiments.map((experiment) => ({ experiment })),
    models: models.map(({ model }) => model),
    withArtifacts,
    concurrency,
  };
  return countSide(side, progress);
}
