import type { Surface } from './answers.ts';

/** What a path of an endpoint does. */
export type Operation =
  | 'invocations'
  | 'infer'
  | 'ping'
  | 'version'
  | 'live'
  | 'ready'
  | 'server'
  | 'metadata'
  | 'model-ready';

export interface ServingRoute {
  readonly operation: Operation;
  readonly method: 'GET' | 'POST';
  readonly surface: Surface;
}

/** Every path below `/serving/{tenant}/{endpoint}`, so that a request is found by one look-up. */
export function makeRoutes(
  tenant: string,
  endpoint: string,
  version: number,
): ReadonlyMap<string, ServingRoute> {
  const base = `/serving/${tenant}/${endpoint}`;
  const routes = new Map<string, ServingRoute>();
  const add = (path: string, operation: Operation, method: 'GET' | 'POST' = 'GET') =>
    routes.set(base + path, { operation, method, surface: path.startsWith('/v2') ? 'v2' : 'mlflow' });
  add('/invocations', 'invocations', 'POST');
  add('/ping', 'ping');
  add('/health', 'ping');
  add('/version', 'version');
  add('/v2', 'server');
  add('/v2/health/live', 'live');
  add('/v2/health/ready', 'ready');
  for (const model of [`/v2/models/${endpoint}`, `/v2/models/${endpoint}/versions/${version}`]) {
    add(model, 'metadata');
    add(`${model}/ready`, 'model-ready');
    add(`${model}/infer`, 'infer', 'POST');
  }
  return routes;
}

/** `rawPath` starts with the stage unless that is `$default`. */
export function toRoutePath(rawPath: string, stage: string | undefined): string {
  if (stage === undefined || stage === '$default' || !rawPath.startsWith(`/${stage}/`)) return rawPath;
  return rawPath.slice(stage.length + 1);
}
