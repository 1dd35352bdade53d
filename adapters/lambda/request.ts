import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { type FieldError, InvalidInputError } from '../../domain/shared/domain-error.ts';
import type { Route } from '../../domain/shared/route.ts';
import { toFieldErrors } from './problem.ts';

export interface ParsedRequest {
  readonly params: never;
  readonly query: never;
  readonly body: never;
  readonly ifMatch: number | undefined;
}

/** Parses a request against its declaration; InvalidInputError names every wrong field at once. */
export function parseRequest(
  event: APIGatewayProxyEventV2,
  route: Route,
  pathParams: Record<string, string>,
): ParsedRequest {
  const errors: FieldError[] = [];
  const take = (schema: z.ZodType, value: unknown, prefix: string) => {
    const result = schema.safeParse(value);
    if (result.success) return result.data as never;
    errors.push(
      ...toFieldErrors(result.error).map((e) => ({
        path: e.path === '' ? prefix : e.path,
        message: e.message,
      })),
    );
    return undefined as never;
  };
  const request = {
    params: take(route.params, pathParams, 'path'),
    query: take(route.query, readQuery(event), 'query'),
    body: take(route.body, readBody(event, route), 'body'),
    ifMatch: readIfMatch(event.headers['if-match']),
  };
  if (errors.length > 0) {
    throw new InvalidInputError(describe(errors[0] as FieldError, route.surface), errors);
  }
  return request;
}

/** Repeated parameters become arrays; API Gateway's own joined map loses commas in values, so the raw string is read. */
function readQuery(event: APIGatewayProxyEventV2): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(event.rawQueryString ?? '')) {
    const known = query[name];
    if (known === undefined) query[name] = value;
    else query[name] = [...(Array.isArray(known) ? known : [known]), value];
  }
  return query;
}

function readBody(event: APIGatewayProxyEventV2, route: Route): unknown {
  // A body of any kind is bytes, which are the handler's to read.
  if (route.body.def.type === 'unknown') return undefined;
  const raw =
    event.body === undefined || !event.isBase64Encoded
      ? event.body
      : Buffer.from(event.body, 'base64').toString();
  if (raw === undefined || raw.trim() === '')
    return route.surface === 'mlflow' && route.method !== 'GET' ? {} : undefined;
  if (route.method === 'GET') return undefined;
  try {
    return JSON.parse(raw);
  } catch (cause) {
    throw new InvalidInputError(
      'The body is not valid JSON.',
      [{ path: 'body', message: 'is not valid JSON' }],
      { cause },
    );
  }
}

function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') return undefined;
  const revision = /^(?:W\/)?"(\d+)"$/.exec(header)?.[1];
  if (revision === undefined) {
    throw new InvalidInputError('If-Match must be an ETag that this API gave.', [
      { path: 'If-Match', message: 'is not an ETag of ours' },
    ]);
  }
  return Number(revision);
}

/** On MLflow's routes the shapes say whole sentences, which its clients compare; a missing value is ours to say. */
function describe({ path, message }: FieldError, surface: Route['surface']): string {
  if (surface === 'platform') return `The request is not valid: ${path}: ${message}`;
  if (!message.endsWith('received undefined')) return message;
  return `Missing value for required parameter '${path}'. See the API docs for more information about request parameters.`;
}
