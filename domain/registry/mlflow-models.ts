import type { CallContext } from '../shared/call-context.ts';
import { InvalidInputError } from '../shared/domain-error.ts';
import type { Store } from '../shared/store.ts';
import { retryWhenConcurrent } from './commit-changes.ts';
import { deleteModelAlias, setModelAlias } from './manage-aliases.ts';
import { commitModel, createModel, deleteModel, renameModel, updateModel } from './manage-models.ts';
import type { MlflowModelVersion, MlflowRegisteredModel } from './mlflow-routes.ts';
import { listLatestVersions, toMlflowModel, toMlflowVersion } from './mlflow-views.ts';
import {
  checkMlflowAlias,
  checkMlflowName,
  checkMlflowTag,
  checkMlflowVersion,
  inMlflowWords,
  MLFLOW_STAGES,
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
  return {
    create: (
      context: CallContext,
      input: { name: string; tags: readonly Tag[]; description?: string | undefined },
    ): Registered =>
      inMlflowWords(input, async () => {
        const { name, tags, description = '' } = input;
        for (const { key, value } of tags) checkMlflowTag(key, value);
        const fields = { name: checkMlflowName(name), description, tags: toTags(tags) };
        return answer(context, await createModel(store, context, fields));
      }),

    get: (context: CallContext, name: string): Registered =>
      inMlflowWords({ name }, async () => answer(context, await getModelItem(store, context.tenant, name))),

    rename: (context: CallContext, name: string, newName: string): Registered => {
      return inMlflowWords({ name: newName }, async () => {
        await inMlflowWords({ name }, () => getModelItem(store, context.tenant, name));
        return answer(context, await renameModel(store, context, name, checkMlflowName(newName)));
      });
    },

    update: (context: CallContext, name: string, description = ''): Registered =>
      inMlflowWords({ name }, async () =>
        answer(context, await updateModel(store, context, name, { description })),
      ),

    delete: (context: CallContext, name: string): Promise<void> =>
      inMlflowWords({ name }, () => deleteModel(store, context, name, { evenInProduction: true })),

    setTag: (context: CallContext, name: string, { key, value }: Tag): Promise<void> => {
      checkMlflowTag(key, value);
      return changeTags(store, context, name, (tags) => ({ ...tags, [key]: value }));
    },

    deleteTag: (context: CallContext, name: string, key: string): Promise<void> =>
      changeTags(store, context, name, ({ [key]: _, ...rest }) => rest),

    setAlias: (
      context: CallContext,
      { name, alias, version }: { name: string; alias: string; version: string },
    ): Promise<void> =>
      inMlflowWords({ name, version }, async () => {
        checkMlflowAlias(alias);
        await setModelAlias(store, context, name, { alias, version: checkMlflowVersion(version) });
      }),

    deleteAlias: (context: CallContext, name: string, alias: string): Promise<void> =>
      inMlflowWords({ name }, async () => {
        await deleteModelAlias(store, context, name, { alias });
      }),

    getByAlias: (
      context: CallContext,
      name: string,
      alias: string,
    ): Promise<{ readonly model_version: MlflowModelVersion }> =>
      inMlflowWords({ name }, async () => {
        const model = await getModelItem(store, context.tenant, name);
        const version = await findVersionItem(store, context.tenant, model.value, `@${alias}`);
        if (version === undefined) {
          throw new InvalidInputError(`Registered model alias ${alias} not found.`);
        }
        return { model_version: toMlflowVersion(model.value, version.value) };
      }),

    getLatest: (
      context: CallContext,
      name: string,
      stages: readonly string[],
    ): Promise<{ readonly model_versions: readonly MlflowModelVersion[] }> =>
      inMlflowWords({ name }, async () => {
        const wanted = stages.map((stage) => MLFLOW_STAGES[parseMlflowStage(stage)]);
        const model = await getModelItem(store, context.tenant, name);
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

type TagChange = (tags: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;

async function changeTags(
  store: Store,
  context: CallContext,
  name: string,
  change: TagChange,
): Promise<void> {
  await inMlflowWords({ name }, () =>
    retryWhenConcurrent(async () => {
      const item = await getModelItem(store, context.tenant, name);
      await commitModel(store, context, item, { tags: change(item.value.tags) });
    }),
  );
}
