import { absent, type Json, type MemoryMlflow, Refused, type Routes, upsert } from './memory-mlflow.ts';

/** The registry of a server of plain objects. */
export function makeRegistry(memory: MemoryMlflow): Routes {
  const findModel = (name: string): Json => {
    const model = memory.models.find((one) => one.name === name);
    if (model === undefined) throw absent(`Registered Model with name=${name}`);
    return model;
  };
  const findVersion = ({ name, version }: Json): Json => {
    const found = memory.versions.find((one) => one.name === name && one.version === String(version));
    if (found === undefined || found.isDeleted)
      throw absent(`Model Version (name=${name}, version=${version})`);
    return found;
  };
  return {
    'GET registered-models/search': (input) =>
      memory.page('registered_models', input.filter === undefined ? memory.models : [], input),
    'GET registered-models/get': ({ name }) => ({ registered_model: findModel(name) }),
    'POST registered-models/create': ({ name, tags = [], description = '' }) => {
      memory.models.push({ name, tags: [...tags], description, aliases: [], lastVersion: 0 });
    },
    'PATCH registered-models/update': ({ name, description }) => {
      findModel(name).description = description;
    },
    'POST registered-models/set-tag': (input) => upsert(findModel(input.name).tags, [input]),
    'POST registered-models/alias': ({ name, alias, version }) => {
      findVersion({ name, version });
      findModel(name).aliases.push({ alias, version });
    },
    'POST model-versions/create': ({ name, source, tags = [], ...input }) => {
      if (source.includes('refused')) throw new Refused(400, 'INVALID_PARAMETER_VALUE', 'Invalid source');
      const model = findModel(name);
      if (/^models:\/[^/]+\/\d+$/.test(source)) {
        const [, other, version] = source.split('/');
        findVersion({ name: other, version });
      }
      model.lastVersion += 1;
      const version = String(model.lastVersion);
      const state = { current_stage: 'None', status: 'READY' };
      const made = { ...input, name, version, source, tags: [...tags], ...state };
      memory.versions.push(made);
      return { model_version: made };
    },
    'GET model-versions/get': (input) => ({ model_version: findVersion(input) }),
    'GET model-versions/search': (input) => {
      const [, name] = /^name = ['"](.*?)['"]/.exec(input.filter) ?? [];
      const versions = memory.versions.filter((one) => one.name === name && !one.isDeleted);
      return memory.page('model_versions', [...versions].reverse(), input);
    },
    'DELETE model-versions/delete': (input) => {
      findVersion(input).isDeleted = true;
    },
    'POST model-versions/set-tag': (input) => upsert(findVersion(input).tags, [input]),
    'PATCH model-versions/update': (input) => {
      findVersion(input).description = input.description;
    },
    'POST model-versions/transition-stage': (input) => {
      findVersion(input).current_stage = input.stage;
    },
  };
}
