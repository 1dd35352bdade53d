import { UNIT_SCORE_RANGE } from '../shared/observation.ts';
import type { Store } from '../shared/store.ts';
import { ApprovalMissingError, ModelVersionNotServableError } from './errors.ts';
import { findLastDeployable, isDeployable } from './last-approved.ts';
import { approvalStateOf, DEFAULT_POLICY, findPolicy, getPolicyOf } from './model-policy.ts';
import {
  eachVersion,
  findModel,
  findVersionItem,
  getModelItem,
  getVersionItem,
  type ModelRecord,
  type VersionRecord,
} from './model-records.ts';
import type { DeployableVersion, RegisteredVersion, RegistryReader } from './ports.ts';
import type { PolicyInput } from './shapes.ts';

/** The registry on the platform's store, for other capabilities to read. */
export function createRegistryReader(store: Store): RegistryReader {
  return {
    getDeployable: (tenant, model, ref) => getDeployable(store, tenant, model, ref),
    async findVersion(tenant, name, ref) {
      const model = await findModel(store, tenant, name);
      const version = model && (await findVersionItem(store, tenant, model.value, ref));
      if (model === undefined || version === undefined) return undefined;
      const policy = await getPolicyOf(store, tenant, model.value.id);
      return toRegisteredVersion(model.value, version.value, policy);
    },
    findChampion: (tenant, model) => findChampion(store, tenant, model),
    async findLastApproved(tenant, name, otherThan) {
      const model = await getModelItem(store, tenant, name);
      const policy = await getPolicyOf(store, tenant, model.value.id);
      const found = await findLastDeployable(store, tenant, model.value.id, { policy, otherThan });
      return found && requireDeployable(model.value, found.value, policy);
    },
    async getPolicy(tenant, name) {
      const model = await getModelItem(store, tenant, name);
      const item = await findPolicy(store, tenant, model.value.id);
      return item?.value ?? { ...DEFAULT_POLICY, updatedBy: undefined };
    },
  };
}

async function getDeployable(
  store: Store,
  tenant: string,
  name: string,
  ref: string | number,
): Promise<DeployableVersion> {
  const { model, version } = await getVersionItem(store, tenant, name, ref);
  const policy = await getPolicyOf(store, tenant, model.value.id);
  return requireDeployable(model.value, version.value, policy);
}

async function findChampion(
  store: Store,
  tenant: string,
  name: string,
): Promise<RegisteredVersion | undefined> {
  const model = await findModel(store, tenant, name);
  if (model === undefined) return undefined;
  const policy = await getPolicyOf(store, tenant, model.value.id);
  let newest: VersionRecord | undefined;
  for await (const { value } of eachVersion(store, tenant, model.value.id)) {
    if (value.stage === 'production') return toRegisteredVersion(model.value, value, policy);
    if (newest === undefined && isDeployable(value, policy)) newest = value;
  }
  return newest && toRegisteredVersion(model.value, newest, policy);
}

function requireDeployable(
  model: ModelRecord,
  version: VersionRecord,
  policy: PolicyInput,
): DeployableVersion {
  const label = `Version ${version.number} of '${model.name}'`;
  if (version.status !== 'READY' || !version.servable) {
    const reason = version.notServableBecause ?? version.reasons[0] ?? 'It is not READY.';
    throw new ModelVersionNotServableError(`${label} cannot be deployed (${version.status}): ${reason}`);
  }
  const approval = approvalStateOf(version, policy);
  if (approval === 'rejected' || approval === 'pending') {
    const why = approval === 'rejected' ? 'was rejected' : 'waits for an approval that the policy asks for';
    throw new ApprovalMissingError(`${label} ${why}.`);
  }
  return toRegisteredVersion(model, version, policy) as DeployableVersion;
}

function toRegisteredVersion(
  model: ModelRecord,
  version: VersionRecord,
  policy: PolicyInput,
): RegisteredVersion {
  return {
    model: model.name,
    version: version.number,
    status: version.status,
    servable: version.servable,
    task: version.task,
    stage: version.stage,
    approval: approvalStateOf(version, policy),
    createdBy: version.createdBy,
    semver: version.semver,
    artifactPrefix: version.prefix,
    files: version.manifest?.files ?? [],
    statementDigest: version.manifest?.statementDigest,
    signature: version.signature,
    hasExample: version.hasExample,
    hasProfile: version.hasProfile,
    scoreRange: version.scoreRange ?? UNIT_SCORE_RANGE,
    loadMs: version.check?.loadMs,
    metrics: version.metrics,
    lineage: version.lineage,
  };
}
