import type { CallContext } from '../shared/call-context.ts';
import { setModelVersionStage } from './change-stage.ts';
import { retryWhenConcurrent } from './commit-changes.ts';
import { deleteModelVersion, updateModelVersion } from './manage-versions.ts';
import type { MlflowModelVersion } from './mlflow-routes.ts';
import { toMlflowVersion } from './mlflow-views.ts';
import { checkMlflowTag, checkMlflowVersion, inMlflowWords, parseMlflowStage } from './mlflow-words.ts';
import { getVersionItem, type ModelAndVersion } from './model-records.ts';
import {
  type MlflowVersionInput,
  type RegisterMlflowDeps,
  registerMlflowVersion,
} from './register-mlflow-version.ts';

interface Named {
  readonly name: string;
  readonly version: string;
}

type Answered = Promise<{ readonly model_version: MlflowModelVersion }>;

/** MLflow's calls on model versions, on the same use cases as `/api/v1/models/{name}/versions`. */
export function makeMlflowVersions(deps: RegisterMlflowDeps) {
  const { store } = deps;
  const load = (context: CallContext, { name, version }: Named) =>
    getVersionItem(store, context.tenant, name, checkMlflowVersion(version));
  return {
    create: (context: CallContext, input: MlflowVersionInput): Answered =>
      inMlflowWords(input, async () => answer(await registerMlflowVersion(deps, context, input))),

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
      inMlflowWords(named, async () => {
        const { mlflow, origin } = (await load(context, named)).version.value;
        return { artifact_uri: mlflow?.downloadUri ?? origin.uri };
      }),

    setTag: (context: CallContext, named: Named, key: string, value: string): Promise<void> => {
      checkMlflowTag(key, value);
      return changeTags(deps, context, named, (tags) => ({ ...tags, [key]: value }));
    },

    deleteTag: (context: CallContext, named: Named, key: string): Promise<void> =>
      changeTags(deps, context, named, ({ [key]: _, ...rest }) => rest),
  };
}

type TagChange = (tags: Readonly<Record<string, string>>) => Record<string, string>;

async function changeTags(
  deps: RegisterMlflowDeps,
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
