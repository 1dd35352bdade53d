import { formatKey, type Store } from '../shared/store.ts';
import type { MlflowModelVersion, MlflowRegisteredModel } from './mlflow-routes.ts';
import { MLFLOW_STAGES } from './mlflow-words.ts';
import { type ModelItem, type ModelRecord, type VersionRecord, versionKey } from './model-records.ts';
import type { Stage } from './shapes.ts';
import { aliasesOf } from './views.ts';

/** A version in MLflow's form; as part of a model or of a search MLflow leaves its aliases out. */
export function toMlflowVersion(
  model: ModelRecord,
  version: VersionRecord,
  { withAliases = true } = {},
): MlflowModelVersion {
  const { createdAt, stage, description, origin, lineage, mlflow = {} } = version;
  return {
    name: model.name,
    version: String(version.number),
    creation_timestamp: Date.parse(createdAt),
    last_updated_timestamp: Date.parse(changedAt(version, model)),
    user_id: version.createdBy,
    current_stage: MLFLOW_STAGES[stage],
    description,
    source: origin.uri,
    run_id: lineage.runId ?? '',
    run_link: mlflow.runLink ?? '',
    ...toMlflowStatus(version),
    tags: toMlflowTags(version.tags),
    aliases: withAliases ? aliasesOf(model, version.number) : [],
    ...(mlflow.modelId === undefined ? {} : { model_id: mlflow.modelId }),
  };
}

/** MLflow's time of change. Renaming a model changes its versions there; here it touches the model alone. */
export function changedAt(
  { createdAt, contentUpdatedAt = createdAt }: Pick<VersionRecord, 'createdAt' | 'contentUpdatedAt'>,
  { renamedAt = '' }: Pick<ModelRecord, 'renamedAt'>,
): string {
  return contentUpdatedAt > renamedAt ? contentUpdatedAt : renamedAt;
}

/** MLflow asks whether a version is registered; whether it can be served is told in words. */
function toMlflowStatus(version: VersionRecord): Pick<MlflowModelVersion, 'status' | 'status_message'> {
  if (version.status === 'REFUSED') {
    return { status: 'FAILED_REGISTRATION', status_message: version.reasons.join(' ') };
  }
  const status = version.status === 'READY' ? 'READY' : 'PENDING_REGISTRATION';
  return version.notServableBecause === undefined
    ? { status }
    : { status, status_message: version.notServableBecause };
}

/** A model in MLflow's form, with the newest version of each stage. */
export async function toMlflowModel(
  store: Store,
  tenant: string,
  item: ModelItem,
): Promise<MlflowRegisteredModel> {
  return (await toMlflowModels(store, tenant, [item]))[0] as MlflowRegisteredModel;
}

/** Models in MLflow's form; the newest versions of all are read together, one call for each hundred. */
export async function toMlflowModels(
  store: Store,
  tenant: string,
  items: readonly ModelItem[],
): Promise<MlflowRegisteredModel[]> {
  const models = items.map(({ value }) => value);
  const latest = await listLatestVersions(store, tenant, models, { withAliases: false });
  return models.map((value, at) => ({
    name: value.name,
    creation_timestamp: Date.parse(value.createdAt),
    last_updated_timestamp: Date.parse(value.contentUpdatedAt),
    user_id: value.createdBy,
    ...(value.description === '' ? {} : { description: value.description }),
    latest_versions: latest[at] ?? [],
    tags: toMlflowTags(value.tags),
    aliases: Object.entries(value.aliases)
      .map(([alias, version]) => ({ alias, version: String(version) }))
      .sort((a, b) => (a.alias < b.alias ? -1 : 1)),
  }));
}

/** For each model the newest version of each stage, in MLflow's order of stages. */
export async function listLatestVersions(
  store: Store,
  tenant: string,
  models: readonly ModelRecord[],
  options: { readonly withAliases?: boolean } = {},
): Promise<MlflowModelVersion[][]> {
  const keys = models.map(({ id, latest }) =>
    (Object.keys(MLFLOW_STAGES) as Stage[]).flatMap((stage) => {
      const number = latest[stage];
      return number === undefined ? [] : [versionKey(tenant, id, number)];
    }),
  );
  const found = await store.getMany<VersionRecord>(keys.flat());
  const versions = new Map(found.map((item) => [formatKey(item.key), item.value]));
  return models.map((model, at) =>
    (keys[at] ?? []).flatMap((key) => {
      const version = versions.get(formatKey(key));
      return version === undefined ? [] : [toMlflowVersion(model, version, options)];
    }),
  );
}

function toMlflowTags(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
