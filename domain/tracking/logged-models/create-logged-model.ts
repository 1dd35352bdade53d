import type { CallContext } from '../../shared/call-context.ts';
import { makeEvent } from '../../shared/event.ts';
import type { Store } from '../../shared/store.ts';
import { toArtifactUri } from '../artifacts/artifact-uri.ts';
import { InvalidParameterError } from '../errors.ts';
import { getExperiment, requireActive } from '../experiments/experiment.ts';
import { makeRunName } from '../runs/run-name.ts';
import type { KeyValue } from '../validation.ts';
import { LoggedModelConstraintError } from './errors.ts';
import { LoggedModelCreated } from './events.ts';
import { formatModelId, type LoggedModel } from './logged-model.ts';
import type { LoggedModelStore } from './ports.ts';

export interface CreateLoggedModelDependencies {
  /** Where the experiments are. */
  readonly store: Store;
  readonly models: LoggedModelStore;
  readonly randomBytes: (size: number) => Uint8Array;
}

export interface LoggedModelInput {
  readonly experimentId: string;
  readonly name?: string | undefined;
  readonly modelType?: string | undefined;
  readonly sourceRunId?: string | undefined;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/** Creates a logged model in an active experiment, pending until it is finalized; without a name it gets a random one. */
export async function createLoggedModel(
  deps: CreateLoggedModelDependencies,
  context: CallContext,
  input: LoggedModelInput,
): Promise<LoggedModel> {
  if (input.name) checkModelName(input.name);
  const { value: experiment } = await getExperiment(deps.store, context, input.experimentId, 'EDIT');
  requireActive(experiment);
  const { experimentId, artifactLocation } = experiment;
  const random = deps.randomBytes(9);
  const modelId = formatModelId(context.nowMs, experimentId, random);
  const model: LoggedModel = {
    modelId,
    experimentId,
    name: input.name || makeRunName(random.subarray(6)),
    modelType: input.modelType ?? '',
    sourceRunId: input.sourceRunId ?? '',
    artifactUri: toArtifactUri(artifactLocation, `models/${modelId}/artifacts`),
    status: 'LOGGED_MODEL_PENDING',
    lifecycleStage: 'active',
    creationTimestamp: context.nowMs,
    lastUpdatedTimestamp: context.nowMs,
    createdBy: context.actor,
    params: toUniqueRecord(input.params, 'param'),
    tags: toUniqueRecord(input.tags, 'tag'),
    metrics: [],
  };
  const event = makeEvent(LoggedModelCreated, context, {
    resource: `experiments/${experimentId}/models/${modelId}`,
    sequence: 1,
    data: { modelId, experimentId, name: model.name },
  });
  await deps.models.create(context.tenant, model, [{ emit: event }]);
  return model;
}

const REFUSED_IN_NAMES = ['/', ':', '.', '%', '"', "'"];

function checkModelName(name: string): void {
  if (!REFUSED_IN_NAMES.some((character) => name.includes(character))) return;
  const quoted = name.includes("'") && !name.includes('"') ? `"${name}"` : `'${name.replaceAll("'", "\\'")}'`;
  throw new InvalidParameterError(
    `Invalid model name (${quoted}) provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
  );
}

/** Pairs by key. @throws LoggedModelConstraintError for a key that is there twice, as MLflow's database does */
export function toUniqueRecord(
  pairs: readonly KeyValue[],
  what: 'param' | 'tag',
): Readonly<Record<string, string>> {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    if (seen.has(key)) throw new LoggedModelConstraintError(`The ${what} '${key}' is given more than once.`);
    seen.add(key);
  }
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
