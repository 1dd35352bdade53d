import type { CallContext } from '../shared/call-context.ts';
import { AlreadyExistsError, InvalidInputError } from '../shared/domain-error.ts';
import { checkMlflowKey } from '../shared/mlflow-names.ts';
import type { Store } from '../shared/store.ts';
import { deleteModelAlias, setModelAlias } from './manage-aliases.ts';
import { createModel, deleteModel, renameModel, updateModel } from './manage-models.ts';
import { deleteModelTag, setModelTag } from './manage-tags.ts';
import type { MlflowModelVersion, MlflowRegisteredModel } from './mlflow-routes.ts';
import { listLatestVersions, toMlflowModel, toMlflowVersion } from './mlflow-views.ts';
import {
  checkMlflowAlias,
  checkMlflowName,
  checkMlflowVersion,
  checkNewMlflowAlias,
  checkRegistryTag,
  inMlflowWords,
  isPrompt,
  MLFLOW_STAGES,
  MlflowNotFoundError,
  nameTaken,
  parseMlflowStage,
} from './mlflow-words.ts';
import { findVersionItem, getModelItem, type ModelItem } from './model-records.ts';

interface Tag {
  readonly key: string;
  readonly value: string;
}

type Registered = Promise<{ readonly registered_model: MlflowRegisteredModel }>;

/** MLflow's calls on registered models, on the same use cases as `/api/v1/models`. */
export function makeMlflowModels(store: Store) {
  const answer = async (context: CallContext, item: ModelItem) => ({
    registered_model: await toMlflowModel(store, context.tenant, item),
  });
  const named = <T>(name: string, run: () => Promise<T>) =>
    inMlflowWords({ name }, () => {
      checkMlflowName(name);
      return run();
    });
  return {
    create: (
      context: CallContext,
      input: { name: string; tags: readonly Tag[]; description?: string | undefined },
    ): Registered =>
      named(input.name, async () => {
        const { name, tags, description = '' } = input;
        for (const { key, value } of tags) checkRegistryTag(key, value);
        const fields = { name, description, tags: toTags(tags) };
        try {
          return await answer(context, await createModel(store, context, fields));
        } catch (error) {
          if (!(error instanceof AlreadyExistsError)) throw error;
          const taken = await getModelItem(store, context.tenant, name);
          throw nameTaken(name, isPrompt(fields.tags), isPrompt(taken.value.tags));
        }
      }),

    get: (context: CallContext, name: string): Registered =>
      named(name, async () => answer(context, await getModelItem(store, context.tenant, name))),

    rename: (context: CallContext, name: string, newName: string): Registered =>
      inMlflowWords({ name: newName }, async () => {
        checkMlflowName(newName, 'new_name');
        await named(name, () => getModelItem(store, context.tenant, name));
        return answer(context, await renameModel(store, context, name, newName));
      }),

    update: (context: CallContext, name: string, description = ''): Registered =>
      named(name, async () => answer(context, await updateModel(store, context, name, { description }))),

    delete: (context: CallContext, name: string): Promise<void> =>
      named(name, () => deleteModel(store, context, name, { evenInProduction: true })),

    setTag: (context: CallContext, name: string, { key, value }: Tag): Promise<void> =>
      named(name, () => {
        checkRegistryTag(key, value);
        return setModelTag(store, context, name, { key, value });
      }),

    deleteTag: (context: CallContext, name: string, key: string): Promise<void> =>
      named(name, () => {
        checkMlflowKey(key, 'key');
        return deleteModelTag(store, context, name, key);
      }),

    setAlias: (
      context: CallContext,
      { name, alias, version }: { name: string; alias: string; version: string },
    ): Promise<void> =>
      inMlflowWords({ name, version }, async () => {
        checkMlflowName(name);
        checkNewMlflowAlias(alias);
        await setModelAlias(store, context, name, { alias, version: checkMlflowVersion(version) });
      }),

    deleteAlias: (context: CallContext, name: string, alias: string): Promise<void> =>
      named(name, async () => {
        checkMlflowAlias(alias);
        await deleteModelAlias(store, context, name, { alias });
      }),

    getByAlias: (
      context: CallContext,
      name: string,
      alias: string,
    ): Promise<{ readonly model_version: MlflowModelVersion }> =>
      named(name, async () => {
        checkMlflowAlias(alias);
        const model = await getModelItem(store, context.tenant, name);
        const version = await findVersionItem(store, context.tenant, model.value, `@${alias}`);
        if (version !== undefined) return { model_version: toMlflowVersion(model.value, version.value) };
        if (alias.toLowerCase() === 'latest') {
          throw new MlflowNotFoundError(`Latest version not found for model ${name}.`);
        }
        throw new InvalidInputError(`Registered model alias ${alias} not found.`);
      }),

    getLatest: (
      context: CallContext,
      name: string,
      stages: readonly string[],
    ): Promise<{ readonly model_versions: readonly MlflowModelVersion[] }> =>
      named(name, async () => {
        const model = await getModelItem(store, context.tenant, name);
        const wanted = stages.map((stage) => MLFLOW_STAGES[parseMlflowStage(stage)]);
        const [latest = []] = await listLatestVersions(store, context.tenant, [model.value]);
        const isWanted = ({ current_stage }: MlflowModelVersion) =>
          wanted.length === 0 || wanted.includes(current_stage);
        return { model_versions: latest.filter(isWanted) };
      }),
  };
}

function toTags(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
