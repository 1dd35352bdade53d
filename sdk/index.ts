import { ROUTES } from '../domain/routes.ts';
import { type ClientOptions, makeOperations, type Operations } from './client.ts';

export { ROUTES } from '../domain/routes.ts';
export type { Route } from '../domain/shared/route.ts';
export { PRODUCT_VERSION } from '../domain/shared/version.ts';
export type { ClientOptions } from './client.ts';
export { PerennialApiError, PerennialConnectionError } from './errors.ts';
export { WaitTimeoutError, waitUntil } from './wait.ts';

/** One property per capability, one method per declared route. */
export type Client = { readonly [C in keyof typeof ROUTES]: Operations<(typeof ROUTES)[C]> };

/** A client of one installation; the token decides the tenant. */
export function createClient(options: ClientOptions): Client {
  const capabilities = Object.entries(ROUTES).map(([name, routes]) => [
    name,
    makeOperations(routes, options),
  ]);
  return Object.fromEntries(capabilities) as Client;
}
