import type { CallContext } from '../shared/call-context.ts';
import { InvalidInputError } from '../shared/domain-error.ts';
import { checkMlflowKey } from '../shared/mlflow-names.ts';
import { setModelVersionStage } from './change-stage.ts';
import { deleteVersionTag, setVersionTag } from './manage-tags.ts';
import { deleteModelVersion, updateModelVersion } from './manage-versions.ts';
import type { MlflowModelVersion } from './mlflow-routes.ts';
import { toMlflowVersion } from './mlflow-views.ts';
import {
  checkMlflowName,
  checkMlflowVersion,
  checkRegistryTag,
  inMlflowWords,
  parseMlflowStage,
} from './mlflow-words.ts';
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
  const named = <T>(of: Named, run: () => Promise<T>) =>
    inMlflowWords(of, () => {
      checkMlflowName(of.name);
      return run();
    });
  return {
    create: (context: CallContext, input: MlflowVersionInput): Answered =>
      inMlflowWords(input, async () => answer(await registerMlflowVersion(deps, context, input))),

    get: (context: CallContext, of: Named): Answered =>
      named(of, async () => answer(await load(context, of))),

    update: (context: CallContext, of: Named, description = ''): Answered =>
      named(of, async () => answer(await updateModelVersion(store, context, toRef(of), { description }))),

    transition: (
      context: CallContext,
      of: Named & { readonly stage: string; readonly archiveExisting?: boolean | undefined },
    ): Answered =>
      inMlflowWords(of, async () => {
        const archiveExisting = of.archiveExisting === true;
        const stage = parseMlflowStage(of.stage);
        if (archiveExisting && stage !== 'staging' && stage !== 'production') throw notActive(of.stage);
        checkMlflowName(of.name);
        const move = { stage, archiveExisting, reason: '' };
        return answer(await setModelVersionStage(store, context, toRef(of), move));
      }),

    delete: (context: CallContext, of: Named): Promise<void> =>
      named(of, () => deleteModelVersion(store, context, toRef(of), { evenInProduction: true })),

    getDownloadUri: (context: CallContext, of: Named): Promise<{ readonly artifact_uri: string }> =>
      named(of, async () => {
        const { mlflow, origin } = (await load(context, of)).version.value;
        return { artifact_uri: mlflow?.downloadUri ?? origin.uri };
      }),

    setTag: (context: CallContext, of: Named, key: string, value: string): Promise<void> =>
      named(of, () => {
        const ref = toRef(of);
        checkRegistryTag(key, value);
        return setVersionTag(store, context, ref, { key, value });
      }),

    deleteTag: (context: CallContext, of: Named, key: string): Promise<void> =>
      named(of, () => {
        const ref = toRef(of);
        checkMlflowKey(key, 'key');
        return deleteVersionTag(store, context, ref, key);
      }),
  };
}

/** MLflow answers this with 500, which its clients would repeat for minutes. */
function notActive(stage: string): InvalidInputError {
  return new InvalidInputError(
    `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. ` +
      "Valid stages are ['Staging', 'Production']",
  );
}

function toRef({ name, version }: Named): { readonly name: string; readonly ref: number } {
  return { name, ref: checkMlflowVersion(version) };
}

function answer({ model, version }: ModelAndVersion) {
  return { model_version: toMlflowVersion(model.value, version.value) };
}
