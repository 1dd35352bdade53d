import type { EndpointReader } from '../deployment/ports.ts';
import type { CallContext } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import { InUseError } from './errors.ts';
import { findModel, findVersionItem } from './model-records.ts';

/**
 * Refuses to delete what an endpoint serves: it reads the version's files whenever a new environment starts, and
 * deleted files are removed for good after the retention. Models and versions that are absent are the use case's
 * to miss.
 *
 * @throws InUseError
 */
export async function refuseServed(
  { store, endpoints }: { readonly store: Store; readonly endpoints: EndpointReader },
  { tenant }: CallContext,
  { name, ref }: { readonly name: string; readonly ref?: string | undefined },
): Promise<void> {
  const model = await findModel(store, tenant, name);
  if (model === undefined) return;
  const version = ref === undefined ? undefined : await findVersionItem(store, tenant, model.value, ref);
  if (ref !== undefined && version === undefined) return;
  for (const endpoint of await endpoints.listOfModel(tenant, name)) {
    // What is served elsewhere has files of its own.
    if (endpoint.target === 'external' || endpoint.status === 'DELETING') continue;
    const versions = endpoint.rolloutRunning
      ? await endpoints.listVersions(tenant, endpoint.name)
      : [endpoint.version];
    const isServed = version === undefined ? versions.some(Boolean) : versions.includes(version.value.number);
    if (!isServed) continue;
    const what = version === undefined ? `'${name}'` : `version ${version.value.number} of '${name}'`;
    throw new InUseError(
      `The endpoint '${endpoint.name}' serves ${what}; roll out another one or delete it first.`,
    );
  }
}
