import type * as z from 'zod';
import type { RequiredRole } from './principal.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One declared route. API Gateway's routes, the authorisation test, the OpenAPI file, the SDK and the CLI are
 * all made from these declarations; a handler without one cannot be reached.
 */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  /** Verb and noun in camelCase: the name of handler, SDK method and OpenAPI operation. */
  readonly operationId: string;
  readonly method: Method;
  /** Path with `{name}` parameters, as API Gateway writes it. */
  readonly path: string;
  readonly role: RequiredRole;
  /**
   * Whether a permission on the experiment or model makes up for a role that is too low; the use case asks for it
   * by `requirePermission` before it changes anything.
   */
  readonly grantable: boolean;
  readonly summary: string;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly response: R;
  readonly status: 200 | 201 | 202 | 204;
  /** `mlflow` routes answer errors in MLflow's form and take lenient bodies. */
  readonly surface: 'platform' | 'mlflow';
  /** Further paths with the same meaning (MLflow's `/ajax-api` twins, the system specification's paths). */
  readonly twins: readonly string[];
}

export type ParamsOf<T extends Route> = z.output<T['params']>;
export type QueryOf<T extends Route> = z.output<T['query']>;
export type BodyOf<T extends Route> = z.output<T['body']>;
export type ResponseOf<T extends Route> = z.input<T['response']>;

/** The routes of one capability by operation id. */
export type RouteTable = Readonly<Record<string, Route>>;
