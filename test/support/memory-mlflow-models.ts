import { absent, hexId, type Json, type MemoryMlflow, type Routes, upsert } from './memory-mlflow.ts';

export function findLoggedModel(memory: MemoryMlflow, id: string): Json {
  const model = memory.loggedModels.find(({ info }) => info.model_id === id);
  if (model === undefined) throw absent(`Logged model with ID '${id}'`);
  return model;
}

/** MLflow 3's logged models of a server of plain objects. */
export function makeLoggedModels(memory: MemoryMlflow): Routes {
  return {
    'POST logged-models': ({ params = [], tags = [], ...input }) => {
      const model_id = `m-${hexId()}`;
      const artifact_uri = `mlflow-artifacts:/${input.experiment_id}/models/${model_id}/artifacts`;
      const info = { ...input, model_id, artifact_uri, status: 'LOGGED_MODEL_PENDING', tags: [...tags] };
      const model = { info, data: { params: [...params], metrics: [] } };
      memory.loggedModels.push(model);
      return { model };
    },
    'POST logged-models/search': (input) => {
      const models = memory.loggedModels.filter(({ info }) =>
        input.experiment_ids.includes(info.experiment_id),
      );
      return memory.page('models', models, input);
    },
    'GET logged-models/{id}': ({ model_id }) => ({ model: findLoggedModel(memory, model_id) }),
    'PATCH logged-models/{id}': ({ model_id, status }) => {
      findLoggedModel(memory, model_id).info.status = status;
    },
    'PATCH logged-models/{id}/tags': ({ model_id, tags }) =>
      upsert(findLoggedModel(memory, model_id).info.tags, tags),
    'POST logged-models/{id}/params': ({ model_id, params }) => {
      findLoggedModel(memory, model_id).data.params.push(...params);
    },
  };
}
