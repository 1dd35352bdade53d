import { createHash } from 'node:crypto';
import { AlreadyExistsError } from '../shared/domain-error.ts';
import type { Change, Item, Key, Page, PageRequest, Store } from '../shared/store.ts';
import type { RunTimeNames, ServedVersion } from './ports.ts';
import { PLATFORM_TENANT } from './unfinished-work.ts';

/**
 * Something the platform makes while it runs, outside every stack. It is recorded before it is made: what a
 * crash leaves behind is found by its record and its deterministic name (docs/adr/0014).
 */
export interface RunTimeResource {
  readonly type: 'role' | 'function' | 'route';
  /** Role or function name; a route's path. */
  readonly name: string;
  readonly tenant: string;
  /** Absent for the role, which all endpoints of the tenant share. */
  readonly endpoint?: string | undefined;
  /** The function behind a route. */
  readonly functionName?: string | undefined;
  readonly plannedAt: string;
}

const LIST = 'run-time-resources';
/** Lambda and IAM allow 64 characters; the hash makes the name unique, the rest makes it readable. */
const NAME_LENGTH = 64;
const HASH_LENGTH = 10;

/** Names that follow from installation, tenant and endpoint alone. */
export function makeRunTimeNames(installation: string): RunTimeNames {
  return {
    functionName: (tenant, endpoint) => toName(`${installation}-ep-`, [tenant, endpoint]),
    roleName: (tenant) => toName(`${installation}-tenant-`, [tenant]),
  };
}

function toName(prefix: string, parts: readonly string[]): string {
  const hash = createHash('sha256').update(parts.join('/')).digest('hex').slice(0, HASH_LENGTH);
  const readable = parts.join('-').slice(0, NAME_LENGTH - prefix.length - HASH_LENGTH - 1);
  return `${prefix}${readable}-${hash}`;
}

function resourceKey({ type, name }: Pick<RunTimeResource, 'type' | 'name'>): Key {
  return { tenant: PLATFORM_TENANT, kind: 'run-time-resource', id: `${type}#${name}` };
}

/** Records what is about to be made; what is recorded already stays as it is. */
export async function recordResources(store: Store, resources: readonly RunTimeResource[]): Promise<void> {
  for (const resource of resources) {
    const placement = { list: LIST, sort: resource.plannedAt };
    await store
      .commit([{ put: resourceKey(resource), value: resource, expect: 'absent', placement }])
      .catch((error: unknown) => {
        if (!(error instanceof AlreadyExistsError)) throw error;
      });
  }
}

/** Forgets what was removed; what nobody recorded is no error. */
export async function forgetResource(
  store: Store,
  resource: Pick<RunTimeResource, 'type' | 'name'>,
): Promise<void> {
  const item = await store.get<RunTimeResource>(resourceKey(resource));
  if (item !== undefined) await store.commit([{ remove: item.key, expect: item.revision }]);
}

export function listResources(store: Store, page: PageRequest): Promise<Page<Item<RunTimeResource>>> {
  return store.list<RunTimeResource>(PLATFORM_TENANT, LIST, page);
}

/** Where the log lines and failures of a function version find what they belong to. */
export function servedVersionKey(functionName: string, functionVersion: string): Key {
  return {
    tenant: PLATFORM_TENANT,
    kind: 'endpoint-function',
    id: functionName,
    part: `version#${functionVersion}`,
  };
}

/** Part of the transaction that notes a published candidate; a version that was published before stays. */
export async function noteServedVersion(
  store: Store,
  functionName: string,
  functionVersion: string,
  served: ServedVersion,
): Promise<Change[]> {
  const key = servedVersionKey(functionName, functionVersion);
  const known = await store.get<ServedVersion>(key);
  return [{ put: key, value: served, expect: known?.revision ?? 'absent' }];
}
