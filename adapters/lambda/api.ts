import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { UnauthenticatedError } from '../../domain/access/errors.ts';
import type { CallContext } from '../../domain/shared/call-context.ts';
import { DomainError, NotFoundError } from '../../domain/shared/domain-error.ts';
import { hasRole, parseAuthorizerContext, requireRole } from '../../domain/shared/principal.ts';
import type { BodyOf, ParamsOf, QueryOf, Route, RouteTable } from '../../domain/shared/route.ts';
import { makeCallContext } from './call-context.ts';
import { type Idempotency, withIdempotency } from './idempotency.ts';
import { logger } from './logger.ts';
import { type HttpAnswer, toErrorAnswer } from './problem.ts';
import { parseRequest } from './request.ts';
import { makeRouter } from './router.ts';
import type { TenantThrottle } from './tenant-throttle.ts';

/** A parsed and authorised call of one route. */
export interface Call<R extends Route> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  readonly context: CallContext;
  /** The revision named by If-Match. */
  readonly ifMatch: number | undefined;
  readonly event: APIGatewayProxyEventV2;
}

/** What a handler answers: a JSON body, or text or bytes; `revision` becomes the ETag. */
export interface Answer {
  readonly body?: unknown;
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly revision?: number;
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

export type Handlers<T extends RouteTable> = {
  readonly [K in keyof T]: (call: Call<T[K]>) => Promise<Answer>;
};

export interface ApiOptions {
  /** Remembers answers of POSTs that carry an Idempotency-Key; without it the header is not honoured. */
  readonly idempotency?: Idempotency;
  /** Holds each tenant to its share of the API; open routes have no tenant. */
  readonly throttle?: TenantThrottle;
  /** Runs before each handler; throws when the caller may not do this with the thing that the call names. */
  readonly guard?: (route: Route, call: Call<Route>) => Promise<void>;
}

type Handler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** The Lambda handler of a capability's routes: match, authorise, parse, call, answer. */
export function createApi<T extends RouteTable>(
  routes: T,
  handlers: Handlers<T>,
  options: ApiOptions = {},
): Handler {
  const findRoute = makeRouter(Object.values(routes));
  return async (event) => {
    const startedMs = performance.now();
    const requestId = event.requestContext.requestId;
    const match = findRoute(event.requestContext.http.method, event.rawPath);
    if (match === undefined) return unknownRoute(event.rawPath, requestId);
    let answer: HttpAnswer;
    try {
      const handle = handlers[match.route.operationId] as (call: Call<Route>) => Promise<Answer>;
      answer = await serve(event, match.route, match.params, handle, options);
    } catch (error) {
      answer = toErrorAnswer(error, match.route.surface, requestId);
      if (!(error instanceof DomainError)) logger.error('call failed', { requestId, error: error as Error });
    }
    logAccess(event, match.route, answer.statusCode, performance.now() - startedMs);
    return { ...answer, headers: { ...answer.headers, 'x-request-id': requestId } };
  };
}

async function serve(
  event: APIGatewayProxyEventV2,
  route: Route,
  pathParams: Record<string, string>,
  handle: (call: Call<Route>) => Promise<Answer>,
  options: ApiOptions,
): Promise<HttpAnswer> {
  const context = authorise(event, route);
  if (context.tenant !== '') await options.throttle?.(context.tenant);
  return withProof(context, route, async () => {
    const call = { ...parseRequest(event, route, pathParams), context, event };
    await options.guard?.(route, call);
    const run = async () => toHttpAnswer(await handle(call), route);
    const key = event.headers['idempotency-key'];
    if (route.method !== 'POST' || key === undefined || options.idempotency === undefined) return run();
    return withIdempotency(options.idempotency, { key, route, event, context }, run);
  });
}

/**
 * A caller whose role is too low gets nothing but the refusal until a permission on the object has made up for
 * it: neither what is wrong with the request nor whether the object is there.
 */
async function withProof<T>(
  { principal, proof }: CallContext,
  { role }: Route,
  run: () => Promise<T>,
): Promise<T> {
  if (proof === undefined) return run();
  try {
    const answer = await run();
    if (proof.given) return answer;
    logger.error('a route that permissions may open asked for none', { role });
  } catch (error) {
    if (proof.given || !(error instanceof DomainError)) throw error;
  }
  requireRole(principal, role);
  throw new UnauthenticatedError();
}

function authorise(event: APIGatewayProxyEventV2, route: Route): CallContext {
  const principal = parseAuthorizerContext(authorizerContext(event));
  const requestId = event.requestContext.requestId;
  if (principal !== undefined) {
    const context = makeCallContext(principal, requestId);
    if (hasRole(principal, route.role)) return context;
    if (route.grantable && hasRole(principal, 'viewer')) return { ...context, proof: { given: false } };
    requireRole(principal, route.role);
  }
  if (route.role !== 'open') throw new UnauthenticatedError();
  return makeCallContext({ tenant: '', actor: 'anonymous', roles: [] }, requestId);
}

/** What the Lambda authorizer (simple responses) handed on; the types of aws-lambda do not know it here. */
function authorizerContext(event: APIGatewayProxyEventV2): Record<string, unknown> | undefined {
  const { authorizer } = event.requestContext as { authorizer?: { lambda?: Record<string, unknown> | null } };
  return authorizer?.lambda ?? undefined;
}

function toHttpAnswer(answer: Answer, route: Route): HttpAnswer {
  const etag = answer.revision === undefined ? {} : { etag: `"${answer.revision}"` };
  const statusCode = answer.status ?? route.status;
  if (answer.bytes !== undefined) {
    const headers = { 'content-type': 'application/octet-stream', ...etag, ...answer.headers };
    return { statusCode, headers, body: Buffer.from(answer.bytes).toString('base64'), isBase64Encoded: true };
  }
  if (answer.text !== undefined) {
    return {
      statusCode,
      headers: { 'content-type': 'text/plain; charset=utf-8', ...etag, ...answer.headers },
      body: answer.text,
    };
  }
  // A message of protobuf leaves empty lists out; MLflow's clients and UI expect no others.
  const isMessage = route.surface === 'mlflow' && route.path.startsWith('/api/');
  const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;
  const leaveOut = (_: string, value: unknown) => (isEmptyList(value) ? undefined : value);
  const body = statusCode === 204 ? '' : JSON.stringify(answer.body ?? {}, isMessage ? leaveOut : undefined);
  return { statusCode, headers: { 'content-type': 'application/json', ...etag, ...answer.headers }, body };
}

/** MLflow's clients fall back on older routes only when the 404 is not JSON (mlflow.md 0). */
function unknownRoute(path: string, requestId: string): APIGatewayProxyStructuredResultV2 {
  if (!path.startsWith('/api/v1/')) {
    return { statusCode: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Not Found' };
  }
  return toErrorAnswer(new NotFoundError('route', path), 'platform', requestId);
}

function logAccess(event: APIGatewayProxyEventV2, route: Route, status: number, durationMs: number): void {
  const principal = parseAuthorizerContext(authorizerContext(event));
  logger.info('access', {
    requestId: event.requestContext.requestId,
    route: `${route.method} ${route.path}`,
    operation: route.operationId,
    tenant: principal?.tenant,
    actor: principal?.actor,
    status,
    durationMs: Math.round(durationMs),
  });
}
