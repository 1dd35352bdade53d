import type { RouteTable } from '../../domain/shared/route.ts';

/** A route of the HTTP API. */
export interface GatewayRoute {
  /** Stable construct id, in PascalCase. */
  readonly id: string;
  /** `GET /api/v1/models`, as API Gateway names routes. */
  readonly key: string;
  /** Reachable without a token. */
  readonly open: boolean;
}

/** `/api/2.0/mlflow/runs/…`, with MLflow's twin prefix: everything below the group goes to one function. */
const MLFLOW_GROUP = /^(\/(?:ajax-)?api\/\d\.\d\/(?:preview\/)?(?:mlflow\/[^/{]+|mlflow-artifacts))\/.+/;

/** Artifacts within a group that belongs to another function: a full match wins over the group's greedy route. */
const ARTIFACTS_OF = /\/(?:logged-models\/\{model_id\}\/artifacts\/\w+|model-versions\/get-artifact)$/;

/**
 * The HTTP API's routes for the declarations of a capability: one each, twins included. MLflow's some hundred
 * paths become one greedy route a group, because an HTTP API holds 300 routes and endpoints need theirs.
 */
export function toGatewayRoutes(table: RouteTable): GatewayRoute[] {
  const routes = new Map<string, GatewayRoute>();
  for (const route of Object.values(table)) {
    for (const path of [route.path, ...route.twins]) {
      const key = gatewayKey(route.surface, route.method, path);
      routes.set(key, { id: toConstructId(key), key, open: route.role === 'open' });
    }
  }
  return [...routes.values()];
}

function gatewayKey(surface: 'platform' | 'mlflow', method: string, path: string): string {
  const isGrouped = surface === 'mlflow' && !ARTIFACTS_OF.test(path);
  const group = isGrouped ? MLFLOW_GROUP.exec(path)?.[1] : undefined;
  return group === undefined ? `${method} ${path}` : `ANY ${group}/{proxy+}`;
}

/** A hyphen joins, a slash parts: `mlflow-artifacts/…` and `mlflow/artifacts/…` are two routes. */
function toConstructId(key: string): string {
  return key
    .replaceAll('-', '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word, index) => (index === 0 ? capitalize(word.toLowerCase()) : capitalize(word)))
    .join('');
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
