import type { Store } from '../shared/store.ts';
import { approvalStateOf } from './model-policy.ts';
import { eachVersion, type VersionItem, type VersionRecord } from './model-records.ts';
import type { PolicyInput } from './shapes.ts';

/** READY, servable, not rejected, and approved when the policy asks for that. */
export function isDeployable(version: VersionRecord, policy: PolicyInput): boolean {
  const approval = approvalStateOf(version, policy);
  return (
    version.status === 'READY' && version.servable && (approval === 'approved' || approval === 'not-required')
  );
}

/**
 * The version to go back to when another is rejected: the newest deployable one before it, which has served
 * or could have, else the newest after it.
 */
export async function findLastDeployable(
  store: Store,
  tenant: string,
  modelId: string,
  { policy, otherThan }: { policy: PolicyInput; otherThan: number },
): Promise<VersionItem | undefined> {
  let newer: VersionItem | undefined;
  for await (const item of eachVersion(store, tenant, modelId)) {
    if (item.value.number === otherThan || !isDeployable(item.value, policy)) continue;
    if (item.value.number < otherThan) return item;
    newer ??= item;
  }
  return newer;
}
