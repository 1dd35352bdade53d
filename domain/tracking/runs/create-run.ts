import type { CallContext } from '../../shared/call-context.ts';
import { makeEvent } from '../../shared/event.ts';
import type { Store } from '../../shared/store.ts';
import { toArtifactUri } from '../artifacts/artifact-uri.ts';
import { HotExperimentError, InvalidParameterError } from '../errors.ts';
import { RunStarted } from '../events.ts';
import { spreadExperiment } from '../experiments/change-experiment.ts';
import { type Experiment, getExperiment, requireActive } from '../experiments/experiment.ts';
import type { RunStore } from '../ports.ts';
import { checkRunTags, type KeyValue } from '../validation.ts';
import { runResource } from './change-run.ts';
import { RUN_NAME_TAG, type Run } from './run.ts';
import { formatRunId } from './run-id.ts';
import { makeRunName } from './run-name.ts';

export interface RunDependencies {
  readonly store: Store;
  readonly runs: Pick<RunStore, 'create'>;
  readonly randomBytes: (size: number) => Uint8Array;
}

export interface RunInput {
  readonly experimentId: string;
  readonly name?: string | undefined;
  readonly userId?: string | undefined;
  readonly startTime?: number | undefined;
  readonly tags: readonly KeyValue[];
}

/** Starts a run in an active experiment: one read and one write. */
export async function createRun(deps: RunDependencies, context: CallContext, input: RunInput): Promise<Run> {
  const { value: experiment } = await getExperiment(deps.store, context, input.experimentId, 'EDIT');
  requireActive(experiment);
  checkRunTags(input.tags);
  const run = makeRun(context, experiment, input, deps.randomBytes(8));
  const { runId, experimentId, name } = run;
  const event = { resource: runResource(run), sequence: 1, data: { runId, experimentId, name } };
  await deps.runs
    .create(context.tenant, run, makeEvent(RunStarted, context, event))
    .catch(async (error: unknown) => {
      // The caller's next try finds more partitions; MLflow's client makes it by itself.
      if (error instanceof HotExperimentError) await spreadExperiment(deps.store, context, experimentId);
      throw error;
    });
  return run;
}

function makeRun(
  context: CallContext,
  { experimentId, artifactLocation, shards, moves }: Experiment,
  input: RunInput,
  random: Uint8Array,
): Run {
  const tags = Object.fromEntries(input.tags.map(({ key, value }) => [key, value]));
  const name = chooseName(input.name, tags[RUN_NAME_TAG], random);
  const startTime = input.startTime ?? context.nowMs;
  // The last byte takes no part in the id.
  const shard = (random.at(-1) ?? 0) % shards;
  const runId = formatRunId({ startTime, shard, experimentId }, random);
  return {
    ...{ runId, experimentId, name, userId: input.userId ?? '', status: 'RUNNING', startTime },
    artifactUri: toArtifactUri(artifactLocation, `${runId}/artifacts`),
    lifecycleStage: 'active',
    moves,
    params: {},
    tags: { ...tags, [RUN_NAME_TAG]: tags[RUN_NAME_TAG] || name },
    latest: {},
    recent: [],
    inputs: [],
    modelInputs: [],
    modelOutputs: [],
    writers: [context.actor],
  };
}

function chooseName(name: string | undefined, tag: string | undefined, random: Uint8Array): string {
  if (name && tag && name !== tag) {
    throw new InvalidParameterError(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${name}', mlflow.runName='${tag}').`,
    );
  }
  return name || tag || makeRunName(random);
}
