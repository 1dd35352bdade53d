import type { CallContext } from '../shared/call-context.ts';
import { InvalidInputError } from '../shared/domain-error.ts';
import type { Store } from '../shared/store.ts';
import type { ModelsUri } from './mlflow-source-uri.ts';
import { inMlflowWords, MlflowNotFoundError, parseMlflowStage } from './mlflow-words.ts';
import { guardModelCall } from './model-permissions.ts';
import { eachVersion, findVersionItem, getModelItem, type VersionRecord } from './model-records.ts';

/** MLflow's tag on models that are prompts. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

/** The version that a `models:/<name>/…` address means. */
export interface SourceVersion {
  readonly name: string;
  readonly version: VersionRecord;
}

/**
 * Finds a version by number, stage, alias or `latest`.
 *
 * @throws MlflowNotFoundError, InvalidInputError for absent aliases and for prompts, ForbiddenError
 */
export async function findSourceVersion(
  store: Store,
  context: CallContext,
  source: string,
  uri: Exclude<ModelsUri, { modelId: string }>,
): Promise<SourceVersion> {
  const { tenant } = context;
  const { name } = uri;
  await guardModelCall(store, context, name, 'READ');
  const version = 'version' in uri ? uri.version : undefined;
  const model = await inMlflowWords({ name }, () => getModelItem(store, tenant, name));
  return inMlflowWords({ name, version }, async () => {
    if (model.value.tags[PROMPT_TAG]?.toLowerCase() === 'true') {
      throw new InvalidInputError(
        `Invalid model version source: '${source}'. Prompt versions cannot be used as model version sources.`,
      );
    }
    if ('stage' in uri) {
      return { name, version: await findLatest(store, tenant, { name, id: model.value.id }, uri.stage) };
    }
    const found = await findVersionItem(
      store,
      tenant,
      model.value,
      'alias' in uri ? `@${uri.alias}` : uri.version,
    );
    if (found !== undefined) return { name, version: found.value };
    if ('alias' in uri) throw new InvalidInputError(`Registered model alias ${uri.alias} not found.`);
    throw new MlflowNotFoundError(`Model Version (name=${name}, version=${version}) not found`);
  });
}

async function findLatest(
  store: Store,
  tenant: string,
  model: { readonly name: string; readonly id: string },
  stage: string | undefined,
): Promise<VersionRecord> {
  const wanted = stage === undefined ? undefined : parseMlflowStage(stage);
  for await (const { value } of eachVersion(store, tenant, model.id)) {
    if (wanted === undefined || value.stage === wanted) return value;
  }
  const inStage = stage === undefined ? '' : ` and stage '${stage}'`;
  throw new MlflowNotFoundError(`No versions of model with name '${model.name}'${inStage} found`);
}
