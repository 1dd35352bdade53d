import { accessRoutes } from './access/contract.ts';
import { governanceRoutes } from './governance/contract.ts';
import type { RouteTable } from './shared/route.ts';

/** Every declared route by capability: what the API description and the authorisation test are made from. */
export const ROUTES = {
  access: accessRoutes,
  governance: governanceRoutes,
} as const satisfies Record<string, RouteTable>;
