import { type CallContext, isoTime } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import type { RemovalDependencies } from './delete-endpoint.ts';
import { ENDPOINTS_LIST, type Endpoint, endpointKey } from './endpoint.ts';
import { addHistory } from './endpoint-history.ts';
import { forgetResource, listResources, type RunTimeResource } from './run-time-resources.ts';

/** Callers first, and the roles when nothing uses them any more. */
const ORDER: readonly RunTimeResource['type'][] = ['route', 'function', 'role'];

/** A removal takes about a second; the caller asks again for the rest. */
const RESOURCES_PER_CALL = 100;

export interface RemovedResources {
  readonly removed: number;
  /** What is still there: left for the next call, or could not be removed. */
  readonly remaining: number;
  readonly failures: readonly { readonly resource: string; readonly error: Error }[];
}

/**
 * Removes what was made at run time, before the installation's stacks go. The endpoints stay in the store as
 * FAILED with the reason: after a new deploy a rollout brings them back.
 */
export async function removeRunTimeResources(
  deps: RemovalDependencies,
  contextOf: (tenant: string) => CallContext,
): Promise<RemovedResources> {
  const resources = (await listAll(deps.store)).toSorted(
    (a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type),
  );
  const failures: { resource: string; error: Error }[] = [];
  let removed = 0;
  for (const resource of resources.slice(0, RESOURCES_PER_CALL)) {
    try {
      await removeOne(deps, resource);
      await forgetResource(deps.store, resource);
      if (resource.type === 'function') {
        await withdraw(deps.store, contextOf(resource.tenant), resource.endpoint ?? '');
      }
      removed += 1;
    } catch (error) {
      // One that cannot be removed must not keep the others; the caller learns of it.
      failures.push({ resource: `${resource.type} ${resource.name}`, error: error as Error });
    }
  }
  return { removed, remaining: resources.length - removed, failures };
}

async function listAll(store: Store): Promise<RunTimeResource[]> {
  const found: RunTimeResource[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listResources(store, { limit: 1000, ...(cursor ? { cursor } : {}) });
    found.push(...page.items.map(({ value }) => value));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

async function removeOne(deps: RemovalDependencies, resource: RunTimeResource): Promise<void> {
  if (resource.type === 'role') return deps.roles.remove(resource.tenant);
  if (resource.type === 'function') return deps.functions.remove(resource.name);
  return deps.routes.remove(resource.tenant, resource.endpoint ?? '', resource.functionName ?? '');
}

async function withdraw(store: Store, context: CallContext, name: string): Promise<void> {
  const item = await store.get<Endpoint>(endpointKey(context.tenant, name));
  if (item === undefined) return;
  const reason = 'The installation was removed; roll a version out to serve again.';
  const updatedAt = isoTime(context);
  const withdrawn = { version: null, functionVersion: null, servingBundle: null, rollout: null } as const;
  const value: Endpoint = { ...item.value, ...withdrawn, status: 'FAILED', reason, updatedAt };
  const placement = { list: ENDPOINTS_LIST, sort: value.createdAt };
  await store.commit([
    { put: item.key, value, expect: item.revision, placement },
    addHistory(context, name, { model: value.model, version: null, rollout: null, reason }),
  ]);
}
