import type { CallContext } from '../shared/call-context.ts';
import { setModelVersionStage } from './change-stage.ts';
import { retryWhenConcurrent } from './commit-changes.ts';
import { deleteModelVersion, updateModelVersion } from './manage-versions.ts';
import type { MlflowModelVersion } from './mlflow-routes.ts';
import { locateMlflowSource } from './mlflow-source.ts';
import { toMlflowVersion } from './mlflow-views.ts';
import { checkMlflowTag, checkMlflowVersion, inMlflowWords, parseMlflowStage } from './mlflow-words.ts';
import { getModelItem, getVersionItem, type ModelAndVersion } from './model-records.ts';
import { type RegisterDeps, submitForCheck } from './register-model-version.ts';
import { type Submission, submitVersion } from './submit-version.ts';

interface Named {
  readonly name: string;
  readonly version: string;
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

type Answered = Promise<{ readonly model_version: MlflowModelVersion }>;

/** MLflow's calls on model versions, on the same use cases as `/api/v1/models/{name}/versions`. */
export function makeMlflowVersions(deps: RegisterDeps) {
  const { store } = deps;
  const load = (context: CallContext, { name, version }: Named) =>
    getVersionItem(store, context.tenant, name, checkMlflowVersion(version));
  return {
    create: (context: CallContext, input: MlflowVersionInput): Answered =>
      inMlflowWords(input, async () => answer(await createVersion(deps, context, input))),

    get: (context: CallContext, named: Named): Answered =>
      inMlflowWords(named, async () => answer(await load(context, named))),

    update: (context: CallContext, named: Named, description = ''): Answered =>
      inMlflowWords(named, async () =>
        answer(await updateModelVersion(store, context, toRef(named), { description })),
      ),

    transition: (
      context: CallContext,
      named: Named & { readonly stage: string; readonly archiveExisting?: boolean | undefined },
    ): Answered =>
      inMlflowWords(named, async () => {
        const stage = parseMlflowStage(named.stage);
        const archiveExisting =
          named.archiveExisting === true && (stage === 'staging' || stage === 'production');
        const move = { stage, archiveExisting, reason: '' };
        return answer(await setModelVersionStage(store, context, toRef(named), move));
      }),

    delete: (context: CallContext, named: Named): Promise<void> =>
      inMlflowWords(named, () =>
        deleteModelVersion(store, context, toRef(named), { evenInProduction: true }),
      ),

    getDownloadUri: (context: CallContext, named: Named): Promise<{ readonly artifact_uri: string }> =>
      inMlflowWords(named, async () => ({
        artifact_uri: await findDownloadUri(
          deps,
          context,
          (await load(context, named)).version.value.origin.uri,
        ),
      })),

    setTag: (context: CallContext, named: Named, key: string, value: string): Promise<void> => {
      checkMlflowTag(key, value);
      return changeTags(deps, context, named, (tags) => ({ ...tags, [key]: value }));
    },

    deleteTag: (context: CallContext, named: Named, key: string): Promise<void> =>
      changeTags(deps, context, named, ({ [key]: _, ...rest }) => rest),
  };
}

async function createVersion(
  deps: RegisterDeps,
  context: CallContext,
  input: MlflowVersionInput,
): Promise<ModelAndVersion> {
  await getModelItem(deps.store, context.tenant, input.name);
  for (const { key, value } of input.tags) checkMlflowTag(key, value);
  const located = await locateMlflowSource(deps, context.tenant, input.source, input.run_id);
  const submission: Submission = {
    ...located,
    description: input.description,
    tags: Object.fromEntries(input.tags.map(({ key, value }) => [key, value])),
    mlflow: { runLink: input.run_link, modelId: input.model_id },
  };
  return located.notServableBecause === undefined
    ? submitForCheck(deps, context, input.name, submission)
    : submitVersion(deps.store, context, input.name, submission);
}

/** A copy of another version (`models:/name/3`) lies where that one does; other sources are their own address. */
async function findDownloadUri(deps: RegisterDeps, context: CallContext, uri: string): Promise<string> {
  const copied = /^models:\/+([^/@]+)\/(\d+)$/.exec(uri);
  if (copied === null) return uri;
  const [, name = '', version = ''] = copied;
  const { version: source } = await inMlflowWords({ name, version }, () =>
    getVersionItem(deps.store, context.tenant, name, version),
  );
  return findDownloadUri(deps, context, source.value.origin.uri);
}

type TagChange = (tags: Readonly<Record<string, string>>) => Record<string, string>;

async function changeTags(
  deps: RegisterDeps,
  context: CallContext,
  named: Named,
  change: TagChange,
): Promise<void> {
  const { store } = deps;
  await inMlflowWords(named, () =>
    retryWhenConcurrent(async () => {
      const { version } = await getVersionItem(store, context.tenant, named.name, toRef(named).ref);
      const patch = { tags: change(version.value.tags) };
      await updateModelVersion(store, context, toRef(named), patch, version.revision);
    }),
  );
}

function toRef({ name, version }: Named): { readonly name: string; readonly ref: number } {
  return { name, ref: checkMlflowVersion(version) };
}

function answer({ model, version }: ModelAndVersion) {
  return { model_version: toMlflowVersion(model.value, version.value) };
}
