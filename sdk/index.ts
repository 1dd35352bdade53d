import { accessRoutes } from '../domain/access/contract.ts';
import { governanceRoutes } from '../domain/governance/contract.ts';
import { type ClientOptions, makeOperations } from './client.ts';

export type { ClientOptions } from './client.ts';
export { PerennialApiError, PerennialConnectionError } from './errors.ts';
export { WaitTimeoutError, waitUntil } from './wait.ts';

/** A client of one installation and tenant; every declared route is a method of its capability. */
export function createClient(options: ClientOptions) {
  return {
    access: makeOperations(accessRoutes, options),
    governance: makeOperations(governanceRoutes, options),
  };
}

export type Client = ReturnType<typeof createClient>;
