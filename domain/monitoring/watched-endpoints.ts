import { listTenantNames } from '../access/ports.ts';
import type { EndpointSummary } from '../deployment/ports.ts';
import type { Store } from '../shared/store.ts';
import { defaultMonitor, findMonitor, type Monitor } from './monitor.ts';

/** An endpoint that is watched, with how. */
export interface WatchedEndpoint {
  readonly tenant: string;
  readonly endpoint: WatchedSummary;
  readonly monitor: Monitor;
}

export interface WatchedSummary extends Pick<EndpointSummary, 'name' | 'model' | 'version'> {
  /** Columns that its capture does not keep. */
  readonly capture?: { readonly drop: readonly string[] };
}

/** Reads the endpoints of a tenant; `domain/deployment/read-endpoints.ts` has it. */
export type ListEndpoints = (store: Store, tenant: string) => Promise<readonly WatchedSummary[]>;

/** Every endpoint of every tenant whose monitor is on; without settings of its own it has the defaults. */
export async function* watchedEndpoints(
  store: Store,
  listEndpoints: ListEndpoints,
  now: string,
): AsyncGenerator<WatchedEndpoint> {
  for (const tenant of await listTenantNames(store)) {
    for (const endpoint of await listEndpoints(store, tenant)) {
      const own = await findMonitor(store, tenant, endpoint.name);
      const monitor = own?.value ?? defaultMonitor(endpoint.name, now);
      if (monitor.enabled) yield { tenant, endpoint, monitor };
    }
  }
}
