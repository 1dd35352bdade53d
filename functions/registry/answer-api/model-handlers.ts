import type { Handlers } from '../../../adapters/lambda/api.ts';
import type { modelRoutes } from '../../../domain/registry/contract.ts';
import { deleteModelAlias, setModelAlias } from '../../../domain/registry/manage-aliases.ts';
import { createModel, deleteModel, listModels, updateModel } from '../../../domain/registry/manage-models.ts';
import { getModelHistory } from '../../../domain/registry/model-history.ts';
import { getModelPolicy, putModelPolicy } from '../../../domain/registry/model-policy.ts';
import { getModelItem, type ModelItem } from '../../../domain/registry/model-records.ts';
import { toModelView } from '../../../domain/registry/views.ts';
import type { Store } from '../../../domain/shared/store.ts';

/** Models, their aliases, policy and history. */
export function makeModelHandlers({ store }: { readonly store: Store }): Handlers<typeof modelRoutes> {
  return {
    listModels: async ({ context, query }) => ({ body: await listModels(store, context, query) }),
    createModel: async ({ context, body }) => answer(await createModel(store, context, body)),
    getModel: async ({ context, params }) => answer(await getModelItem(store, context.tenant, params.name)),
    updateModel: async ({ context, params, body, ifMatch }) =>
      answer(await updateModel(store, context, params.name, body, ifMatch)),
    deleteModel: async ({ context, params, ifMatch }) => {
      await deleteModel(store, context, params.name, { ifMatch });
      return {};
    },
    listModelAliases: async ({ context, params }) =>
      answerAliases(await getModelItem(store, context.tenant, params.name)),
    setModelAlias: async ({ context, params, body, ifMatch }) => {
      const { name, alias } = params;
      return answerAliases(await setModelAlias(store, context, name, { alias, ...body, ifMatch }));
    },
    deleteModelAlias: async ({ context, params, ifMatch }) => {
      await deleteModelAlias(store, context, params.name, { alias: params.alias, ifMatch });
      return {};
    },
    getModelPolicy: async ({ context, params }) => {
      const policy = await getModelPolicy(store, context, params.name);
      return { body: policy, revision: policy.revision };
    },
    putModelPolicy: async ({ context, params, body, ifMatch }) => {
      const policy = await putModelPolicy(store, context, params.name, body, ifMatch);
      return { body: policy, revision: policy.revision };
    },
    getModelHistory: async ({ context, params, query }) => ({
      body: await getModelHistory(store, context, params.name, query.at),
    }),
  };
}

function answer(item: ModelItem) {
  return { body: toModelView(item), revision: item.revision };
}

function answerAliases({ value, revision }: ModelItem) {
  return { body: { aliases: value.aliases }, revision };
}
