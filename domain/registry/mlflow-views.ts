import type { Store } from '../shared/store.ts';
import type { MlflowModelVersion, MlflowRegisteredModel } from './mlflow-routes.ts';
import { MLFLOW_STAGES } from './mlflow-words.ts';
import { eachVersion, type ModelItem, type ModelRecord, type VersionRecord } from './model-records.ts';
import { aliasesOf } from './views.ts';

/** A version in MLflow's form. */
export function toMlflowVersion(model: ModelRecord, version: VersionRecord): MlflowModelVersion {
  return {
    name: model.name,
    version: String(version.number),
    creation_timestamp: Date.parse(version.createdAt),
    last_updated_timestamp: Date.parse(version.updatedAt),
    user_id: version.createdBy,
    current_stage: MLFLOW_STAGES[version.stage],
    description: version.description,
    source: version.origin.uri,
    run_id: version.lineage.runId ?? '',
    run_link: version.mlflow?.runLink ?? '',
    ...toMlflowStatus(version),
    tags: toMlflowTags(version.tags),
    aliases: aliasesOf(model, version.number),
    ...(version.mlflow?.modelId === undefined ? {} : { model_id: version.mlflow.modelId }),
  };
}

/** MLflow asks whether a version is registered; whether it can be served is told in words. */
function toMlflowStatus(version: VersionRecord): Pick<MlflowModelVersion, 'status' | 'status_message'> {
  if (version.status === 'REFUSED') {
    return { status: 'FAILED_REGISTRATION', status_message: version.reasons.join(' ') };
  }
  const status_message = version.notServableBecause ?? '';
  return { status: version.status === 'READY' ? 'READY' : 'PENDING_REGISTRATION', status_message };
}

/** A model in MLflow's form, with the newest version of each stage. */
export async function toMlflowModel(
  store: Store,
  tenant: string,
  { value }: ModelItem,
): Promise<MlflowRegisteredModel> {
  return {
    name: value.name,
    creation_timestamp: Date.parse(value.createdAt),
    last_updated_timestamp: Date.parse(value.contentUpdatedAt),
    user_id: value.createdBy,
    description: value.description,
    latest_versions: await listLatestVersions(store, tenant, value),
    tags: toMlflowTags(value.tags),
    aliases: Object.entries(value.aliases)
      .map(([alias, version]) => ({ alias, version: String(version) }))
      .sort((a, b) => (a.alias < b.alias ? -1 : 1)),
  };
}

/** The newest version of each stage, in MLflow's order of stages. */
export async function listLatestVersions(
  store: Store,
  tenant: string,
  model: ModelRecord,
): Promise<MlflowModelVersion[]> {
  const latest = new Map<string, VersionRecord>();
  for await (const { value } of eachVersion(store, tenant, model.id)) {
    if (!latest.has(value.stage)) latest.set(value.stage, value);
  }
  return Object.keys(MLFLOW_STAGES).flatMap((stage) => {
    const version = latest.get(stage);
    return version === undefined ? [] : [toMlflowVersion(model, version)];
  });
}

function toMlflowTags(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
