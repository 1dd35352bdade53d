import type { Store } from '../shared/store.ts';
import { ENDPOINTS_LIST, type Endpoint, endpointKey } from './endpoint.ts';
import type { EndpointReader, EndpointSummary, ServedVersion } from './ports.ts';
import { type Rollout, rolloutsList } from './rollout.ts';
import { servedVersionKey } from './run-time-resources.ts';

/** Endpoints as other capabilities read them. */
export function readEndpoints(store: Store): EndpointReader {
  return {
    find: async (tenant, endpoint) => {
      const item = await store.get<Endpoint>(endpointKey(tenant, endpoint));
      return item === undefined ? undefined : toSummary(item.value);
    },
    listVersions: async (tenant, endpoint) => {
      const { items } = await store.list<Rollout>(tenant, rolloutsList(endpoint), { limit: 100 });
      return [...new Set(items.map(({ value }) => value.version))];
    },
    listOfModel: async (tenant, model) => {
      const endpoints = await listAllEndpoints(store, tenant);
      return endpoints.filter((endpoint) => endpoint.model === model).map(toSummary);
    },
    findServed: async (functionName, functionVersion) =>
      (await store.get<ServedVersion>(servedVersionKey(functionName, functionVersion)))?.value,
  };
}

/** Every endpoint of a tenant: an HTTP API holds 300. */
export async function listAllEndpoints(store: Store, tenant: string): Promise<Endpoint[]> {
  const found: Endpoint[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await store.list<Endpoint>(tenant, ENDPOINTS_LIST, {
      limit: 1000,
      ...(cursor ? { cursor } : {}),
    });
    found.push(...page.items.map(({ value }) => value));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

function toSummary({ name, target, model, version, status, rollout }: Endpoint): EndpointSummary {
  return { name, target, model, version, status, rolloutRunning: rollout !== null };
}
