import type { Method, Route } from '../../domain/shared/route.ts';

export interface RouteMatch {
  readonly route: Route;
  readonly params: Record<string, string>;
}

interface Pattern {
  readonly method: Method;
  readonly segments: readonly string[];
  readonly route: Route;
}

/**
 * Finds the declared route of a request. API Gateway hands the path decoded, so a segment is taken as it is;
 * fixed segments win over parameters, and a last `{name+}` takes the rest of the path.
 */
export function makeRouter(
  routes: readonly Route[],
): (method: string, path: string) => RouteMatch | undefined {
  const patterns = routes
    .flatMap((route) =>
      [route.path, ...route.twins].map(
        (path): Pattern => ({ method: route.method, segments: split(path), route }),
      ),
    )
    .sort((a, b) => parameterCount(a) - parameterCount(b));
  return (method, path) => {
    const segments = split(path);
    for (const pattern of patterns) {
      const params = pattern.method === method ? matchSegments(pattern.segments, segments) : undefined;
      if (params !== undefined) return { route: pattern.route, params };
    }
    return undefined;
  };
}

function split(path: string): string[] {
  return path.replace(/^\/+|\/+$/g, '').split('/');
}

/** A greedy parameter counts as more than any number of plain ones. */
function parameterCount(pattern: Pattern): number {
  return pattern.segments.reduce(
    (count, segment) => count + (segment.endsWith('+}') ? 1000 : segment.startsWith('{') ? 1 : 0),
    0,
  );
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part.endsWith('+}')) {
      params[part.slice(1, -2)] = segments.slice(index).join('/');
      return params;
    }
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return pattern.length === segments.length ? params : undefined;
}
