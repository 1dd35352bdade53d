import type { Handlers } from '../../../adapters/lambda/api.ts';
import { makeMlflowModels } from '../../../domain/registry/mlflow-models.ts';
import type { mlflowRegistryRoutes } from '../../../domain/registry/mlflow-routes.ts';
import { makeMlflowVersions } from '../../../domain/registry/mlflow-versions.ts';
import type { RegisterMlflowDeps } from '../../../domain/registry/register-mlflow-version.ts';
import { searchRegisteredModels } from '../../../domain/registry/search/search-models.ts';
import { searchModelVersions } from '../../../domain/registry/search/search-versions.ts';

/** MLflow's registry calls. */
export function makeMlflowHandlers(deps: RegisterMlflowDeps): Handlers<typeof mlflowRegistryRoutes> {
  const models = makeMlflowModels(deps.store);
  const versions = makeMlflowVersions(deps);
  return {
    createRegisteredModel: async ({ context, body }) => ({ body: await models.create(context, body) }),
    getRegisteredModel: async ({ context, query }) => ({ body: await models.get(context, query.name) }),
    renameRegisteredModel: async ({ context, body }) => ({
      body: await models.rename(context, body.name, body.new_name),
    }),
    updateRegisteredModel: async ({ context, body }) => ({
      body: await models.update(context, body.name, body.description),
    }),
    deleteRegisteredModel: async ({ context, body }) => {
      await models.delete(context, body.name);
      return {};
    },
    searchRegisteredModels: async ({ context, query }) => ({
      body: await searchRegisteredModels(deps.store, context, query),
    }),
    getLatestModelVersions: async ({ context, body }) => ({
      body: await models.getLatest(context, body.name, body.stages),
    }),
    readLatestModelVersions: async ({ context, query }) => ({
      body: await models.getLatest(context, query.name, query.stages),
    }),
    setRegisteredModelTag: async ({ context, body }) => {
      await models.setTag(context, body.name, { key: body.key, value: body.value ?? '' });
      return {};
    },
    deleteRegisteredModelTag: async ({ context, body }) => {
      await models.deleteTag(context, body.name, body.key);
      return {};
    },
    setRegisteredModelAlias: async ({ context, body }) => {
      await models.setAlias(context, body);
      return {};
    },
    deleteRegisteredModelAlias: async ({ context, body }) => {
      await models.deleteAlias(context, body.name, body.alias);
      return {};
    },
    getModelVersionByAlias: async ({ context, query }) => ({
      body: await models.getByAlias(context, query.name, query.alias),
    }),
    createModelVersion: async ({ context, body }) => ({ body: await versions.create(context, body) }),
    getMlflowModelVersion: async ({ context, query }) => ({ body: await versions.get(context, query) }),
    updateMlflowModelVersion: async ({ context, body }) => ({
      body: await versions.update(context, body, body.description),
    }),
    transitionModelVersionStage: async ({ context, body }) => ({
      body: await versions.transition(context, { ...body, archiveExisting: body.archive_existing_versions }),
    }),
    deleteMlflowModelVersion: async ({ context, body }) => {
      await versions.delete(context, body);
      return {};
    },
    searchModelVersions: async ({ context, query }) => ({
      body: await searchModelVersions(deps.store, context, query),
    }),
    getModelVersionDownloadUri: async ({ context, query }) => ({
      body: await versions.getDownloadUri(context, query),
    }),
    setModelVersionTag: async ({ context, body }) => {
      await versions.setTag(context, body, body.key, body.value ?? '');
      return {};
    },
    deleteModelVersionTag: async ({ context, body }) => {
      await versions.deleteTag(context, body, body.key);
      return {};
    },
  };
}
