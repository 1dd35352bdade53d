import type { Route, RouteTable } from './route.ts';

/**
 * The routes with those for scientists opened to whoever has a permission on what they change, except the ones
 * named: they make things that nobody can have a permission on yet.
 */
export function openToGrants<T extends RouteTable>(routes: T, except: readonly (keyof T & string)[]): T {
  const opened = Object.entries(routes).map(([id, route]): [string, Route] => {
    const grantable = route.role === 'scientist' && !except.includes(id);
    return [id, { ...route, grantable }];
  });
  return Object.fromEntries(opened) as T;
}
