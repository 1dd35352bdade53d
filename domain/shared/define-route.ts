import * as z from 'zod';
import type { RequiredRole } from './principal.ts';
import type { Method, Route } from './route.ts';

const NOTHING = z.object({});
const NO_BODY = z.undefined();

interface RouteInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  readonly method: Method;
  readonly path: string;
  readonly role: RequiredRole;
  readonly grantable?: boolean;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response?: R;
  readonly status?: 200 | 201 | 202 | 204;
  readonly surface?: 'platform' | 'mlflow';
  readonly twins?: readonly string[];
}

/** Declares a route; what is left out means: no parameters, no body, an empty answer. */
export function defineRoute<
  P extends z.ZodType = typeof NOTHING,
  Q extends z.ZodType = typeof NOTHING,
  B extends z.ZodType = typeof NO_BODY,
  R extends z.ZodType = typeof NO_BODY,
>(operationId: string, input: RouteInput<P, Q, B, R>): Route<P, Q, B, R> {
  return {
    operationId,
    method: input.method,
    path: input.path,
    role: input.role,
    grantable: input.grantable ?? false,
    summary: input.summary,
    params: input.params ?? (NOTHING as unknown as P),
    query: input.query ?? (NOTHING as unknown as Q),
    body: input.body ?? (NO_BODY as unknown as B),
    response: input.response ?? (NO_BODY as unknown as R),
    status: input.status ?? (input.response === undefined ? 204 : 200),
    surface: input.surface ?? 'platform',
    twins: input.twins ?? [],
  };
}
