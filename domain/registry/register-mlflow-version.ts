import type { CallContext } from '../shared/call-context.ts';
import { locateMlflowSource, type MlflowSourceDeps } from './mlflow-source.ts';
import { checkMlflowName, checkRegistryTag } from './mlflow-words.ts';
import { getModelItem, getVersionItem, type ModelAndVersion } from './model-records.ts';
import type { LoggedModelLinker } from './ports.ts';
import { type RegisterDeps, submitForCheck } from './register-model-version.ts';
import { PROMPT_TAG } from './source-version.ts';
import { type Submission, submitVersion } from './submit-version.ts';

export interface RegisterMlflowDeps extends RegisterDeps, MlflowSourceDeps {
  readonly loggedModels: MlflowSourceDeps['loggedModels'] & LoggedModelLinker;
  /** Returns after so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

export interface MlflowVersionInput {
  readonly name: string;
  readonly source: string;
  readonly run_id?: string | undefined;
  readonly run_link?: string | undefined;
  readonly description?: string | undefined;
  readonly model_id?: string | undefined;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/**
 * What registering waits for a check. MLflow's own server answers READY, and its client looks again only after
 * three seconds: most models are copied and signed sooner, and no check delays an answer for long.
 */
const PAUSES_MS: readonly number[] = [100, 100, 200, 200, 400, 500, 500, 500, 500];

/**
 * Registers as MLflow's `model-versions/create`: what lies in the platform's storage is copied, checked and
 * signed like every other version; what lies elsewhere is recorded as it is.
 *
 * @throws ModelNotFoundError, InvalidInputError for sources that MLflow refuses, MlflowNotFoundError
 */
export async function registerMlflowVersion(
  deps: RegisterMlflowDeps,
  context: CallContext,
  input: MlflowVersionInput,
): Promise<ModelAndVersion> {
  const { name } = input;
  const tags = Object.fromEntries(input.tags.map(({ key, value }) => [key, value]));
  const located = await locateMlflowSource(deps, context, {
    source: input.source,
    runId: input.run_id,
    modelId: input.model_id,
    isPrompt: tags[PROMPT_TAG]?.toLowerCase() === 'true',
  });
  // MLflow judges the source first; its clients see the first refusal alone.
  checkMlflowName(name);
  for (const { key, value } of input.tags) checkRegistryTag(key, value);
  await getModelItem(deps.store, context.tenant, name);
  const submission: Submission = {
    ...located,
    description: input.description,
    tags,
    mlflow: { ...located.mlflow, runLink: input.run_link },
  };
  const submitted = await submit(deps, context, name, submission);
  const modelId = located.mlflow?.modelId;
  if (modelId !== undefined) {
    const version = { name, version: submitted.version.value.number };
    await deps.loggedModels.link(context, modelId, version);
  }
  return waitForCheck(deps, context, name, submitted);
}

function submit(
  deps: RegisterMlflowDeps,
  context: CallContext,
  name: string,
  submission: Submission,
): Promise<ModelAndVersion> {
  return submission.notServableBecause === undefined
    ? submitForCheck(deps, context, name, submission)
    : submitVersion(deps.store, context, name, submission);
}

async function waitForCheck(
  { store, pause }: RegisterMlflowDeps,
  { tenant }: CallContext,
  name: string,
  submitted: ModelAndVersion,
): Promise<ModelAndVersion> {
  let latest = submitted;
  for (const milliseconds of PAUSES_MS) {
    if (latest.version.value.status !== 'CHECKING') return latest;
    await pause(milliseconds);
    latest = await getVersionItem(store, tenant, name, submitted.version.value.number);
  }
  return latest;
}
