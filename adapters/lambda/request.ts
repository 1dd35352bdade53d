import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { type FieldError, InvalidInputError } from '../../domain/shared/domain-error.ts';
import type { Route } from '../../domain/shared/route.ts';
import { describeWrongBody, readMlflowBody, toMlflowQuery } from './mlflow-request.ts';
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
  const isMlflow = route.surface === 'mlflow';
  const raw = readRawBody(event);
  // MLflow's clients compare its sentences, so on its routes its words take the place of zod's.
  const words = isMlflow ? { error: describeWrongBody(raw) } : undefined;
  const take = (schema: z.ZodType, value: unknown, prefix: string) => {
    const result = schema.safeParse(value, words);
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
    query: take(route.query, readQuery(event, route), 'query'),
    body: take(route.body, readBody(raw, event, route), 'body'),
    ifMatch: readIfMatch(event.headers['if-match']),
  };
  if (errors.length > 0) {
    const { path, message } = errors[0] as FieldError;
    throw new InvalidInputError(isMlflow ? message : `The request is not valid: ${path}: ${message}`, errors);
  }
  return request;
}

/** Repeated parameters become arrays; API Gateway's own joined map loses commas in values, so the raw string is read. */
function readQuery(event: APIGatewayProxyEventV2, route: Route): Record<string, unknown> {
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(event.rawQueryString ?? '')) {
    const known = query[name];
    if (known === undefined) query[name] = value;
    else query[name] = [...(Array.isArray(known) ? known : [known]), value];
  }
  return route.surface === 'mlflow' ? toMlflowQuery(query, route) : query;
}

function readRawBody({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  return isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
}

function readBody(raw: string, event: APIGatewayProxyEventV2, route: Route): unknown {
  // A body of any kind is bytes, which are the handler's to read.
  if (route.method === 'GET' || route.body.def.type === 'unknown') return undefined;
  if (route.surface === 'mlflow') {
    return route.body.def.type === 'undefined' ? undefined : readMlflowBody(raw, event, route);
  }
  if (raw.trim() === '') return undefined;
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
