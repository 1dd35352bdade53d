import { openForReading, openForWriting } from './artifact-places.ts';
import { forEachConcurrently } from './concurrency.ts';
import { isComparable, listFiles } from './copy-artifacts.ts';
import { Tally } from './counts.ts';
import { comparableTags, isCopyFrom, MARK, readTag } from './marks.ts';
import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';
import type { StepProgress } from './move-context.ts';
import {
  findRegisteredModel,
  getRun,
  listLoggedModels,
  listPoints,
  listRuns,
  listVersions,
} from './read-server.ts';
import type { LoggedModel, MlflowExperiment, MlflowRun, RegisteredModel, Tag } from './wire.ts';

/** What to count on one side, under the names that both sides share. */
export interface Side {
  readonly server: MlflowServer;
  readonly experiments: readonly {
    readonly experiment: MlflowExperiment;
    /** Only these tags: an experiment that was there before may have others. Default: all. */
    readonly tags?: readonly Tag[] | undefined;
  }[];
  readonly models: readonly RegisteredModel[];
  /** Only copies from that address. Default: everything. */
  readonly importedFrom?: string | undefined;
  readonly withArtifacts: boolean;
  readonly concurrency: number;
}

/** Counts by reading again what is there, the full history and all folders. */
export async function countSide(side: Side, progress: StepProgress): Promise<Tally> {
  const tally = new Tally();
  let count = 0;
  for (const { experiment, tags } of side.experiments) {
    const owner = `experiment '${experiment.name}'`;
    tally.add(owner, 'experiments');
    if (experiment.lifecycle_stage === 'deleted') tally.add(owner, 'deleted experiments');
    tally.add(owner, 'tags', countTags(experiment.tags, tags));
    const id = experiment.experiment_id;
    await forEachConcurrently(listRuns(side.server, id), side.concurrency, async (run) => {
      if (isCounted(side, run.data.tags)) {
        await countRun(side, tally, owner, await getRun(side.server, run.info.run_id));
      }
      progress.at(++count);
    });
    await forEachConcurrently(listLoggedModels(side.server, id), side.concurrency, async (model) => {
      if (isCounted(side, model.info.tags)) await countLoggedModel(side, tally, owner, model);
    });
  }
  await forEachConcurrently(side.models, side.concurrency, (model) => countModel(side, tally, model));
  return tally;
}

function isCounted({ importedFrom }: Side, tags: readonly Tag[] | undefined): boolean {
  return importedFrom === undefined || readTag(tags, MARK.from) === importedFrom;
}

function countTags(tags: readonly Tag[] | undefined, only?: readonly Tag[]): number {
  const counted = comparableTags(tags);
  return only === undefined
    ? counted.length
    : counted.filter(({ key }) => only.some((tag) => tag.key === key)).length;
}

async function countRun(side: Side, tally: Tally, owner: string, run: MlflowRun): Promise<void> {
  const { info, data, inputs, outputs } = run;
  tally.add(owner, 'runs');
  if (info.lifecycle_stage === 'deleted') tally.add(owner, 'deleted runs');
  tally.add(owner, 'params', data.params?.length ?? 0);
  tally.add(owner, 'tags', countTags(data.tags));
  tally.add(owner, 'dataset inputs', inputs?.dataset_inputs?.length ?? 0);
  const linked = (inputs?.model_inputs?.length ?? 0) + (outputs?.model_outputs?.length ?? 0);
  tally.add(owner, 'model inputs and outputs', linked);
  for (const { key } of data.metrics ?? []) {
    for await (const page of listPoints(side.server, info.run_id, key)) {
      tally.add(owner, 'metric points', page.length);
    }
  }
  await countFiles(side, tally, owner, 'run', info.run_id, info.artifact_uri);
}

async function countLoggedModel(side: Side, tally: Tally, owner: string, model: LoggedModel): Promise<void> {
  const { info, data } = model;
  tally.add(owner, 'logged models');
  tally.add(owner, 'params', data?.params?.length ?? 0);
  tally.add(owner, 'tags', countTags(info.tags));
  tally.add(owner, 'logged model metrics', data?.metrics?.length ?? 0);
  await countFiles(side, tally, owner, 'model', info.model_id, info.artifact_uri);
}

async function countFiles(
  side: Side,
  tally: Tally,
  owner: string,
  kind: 'run' | 'model',
  id: string,
  uri: string,
): Promise<void> {
  if (!side.withArtifacts) return;
  const open = side.importedFrom === undefined ? openForReading : openForWriting;
  try {
    for await (const file of listFiles(open(side.server, { kind, id, uri }))) {
      tally.add(owner, 'artifact files');
      if (isComparable(file)) tally.add(owner, 'artifact bytes', file.bytes);
    }
  } catch (error) {
    // Folders that cannot be listed have been named as a problem by the copying, and count as empty.
    if (!(error instanceof MlflowError) || error.concernsServer) throw error;
  }
}

async function countModel(side: Side, tally: Tally, { name, tags }: RegisteredModel): Promise<void> {
  const owner = `model '${name}'`;
  const model = await findRegisteredModel(side.server, name);
  if (model === undefined || !isCounted(side, model.tags)) return;
  tally.add(owner, 'registered models and prompts');
  tally.add(owner, 'tags', countTags(model.tags, tags));
  const numbers = new Set<string>();
  for (const version of await listVersions(side.server, model)) {
    if (side.importedFrom !== undefined && !isCopyFrom(side.importedFrom, version)) continue;
    numbers.add(String(version.version));
    tally.add(owner, 'versions');
    tally.add(owner, 'tags', countTags(version.tags));
  }
  const aliases = (model.aliases ?? []).filter(({ version }) => numbers.has(String(version)));
  tally.add(owner, 'aliases', aliases.length);
}
