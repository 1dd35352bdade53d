import type * as z from 'zod';
import type { Route, RouteTable } from '../domain/shared/route.ts';
import { PerennialApiError, PerennialConnectionError, type ProblemBody } from './errors.ts';

export interface ClientOptions {
  readonly apiUrl: string;
  readonly token: string;
  /** Default: the runtime's fetch. */
  readonly fetch?: typeof fetch;
}

/** What a call of one route takes: only what its declaration names. */
export type CallInput<R extends Route> = Section<'params', z.input<R['params']>> &
  Section<'query', z.input<R['query']>> &
  Section<'body', z.input<R['body']>> &
  Conditions;

interface Conditions {
  readonly ifMatch?: number;
  readonly idempotencyKey?: string;
}

/** Required when the part has required fields, optional when all are optional, unknown to the type when there is none. */
type Section<K extends string, T> = [T] extends [undefined]
  ? unknown
  : string extends keyof T
    ? { readonly [key in K]?: T }
    : Partial<T> extends T
      ? { readonly [key in K]?: T }
      : { readonly [key in K]: T };

export type Operation<R extends Route> = (
  ...input: Partial<CallInput<R>> extends CallInput<R> ? [CallInput<R>?] : [CallInput<R>]
) => Promise<z.output<R['response']>>;

/** One method per declared route, named by its operation id. */
export type Operations<T extends RouteTable> = { readonly [K in keyof T]: Operation<T[K]> };

/** Typed operations over a route table; answers are handed on as the API sent them. */
export function makeOperations<T extends RouteTable>(routes: T, options: ClientOptions): Operations<T> {
  const operations = Object.entries(routes).map(([id, route]) => [
    id,
    (input: LooseInput = {}) => callRoute(route, input, options),
  ]);
  return Object.fromEntries(operations) as Operations<T>;
}

interface LooseInput {
  readonly params?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly ifMatch?: number;
  readonly idempotencyKey?: string;
}

async function callRoute(route: Route, input: LooseInput, options: ClientOptions): Promise<unknown> {
  const url = `${options.apiUrl.replace(/\/$/, '')}${fillPath(route.path, input.params ?? {})}${toQuery(input.query)}`;
  const response = await send(options, url, {
    method: route.method,
    headers: toHeaders(input, options.token),
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new PerennialApiError(response.status, parseProblem(text));
  if (text === '') return undefined;
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}

async function send(options: ClientOptions, url: string, init: RequestInit): Promise<Response> {
  try {
    return await (options.fetch ?? fetch)(url, init);
  } catch (cause) {
    throw new PerennialConnectionError(
      `Nothing answers at ${options.apiUrl}; is the address right, and does it run?`,
      { cause },
    );
  }
}

function fillPath(path: string, params: Record<string, unknown>): string {
  return path.replace(/\{(\w+)(\+?)\}/g, (_match, name: string, greedy: string) => {
    const value = String(params[name]);
    return greedy === '' ? encodeURIComponent(value) : value.split('/').map(encodeURIComponent).join('/');
  });
}

function toQuery(query: Record<string, unknown> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) search.append(name, String(one));
  }
  return search.size === 0 ? '' : `?${search}`;
}

function toHeaders(input: LooseInput, token: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(input.ifMatch === undefined ? {} : { 'if-match': `"${input.ifMatch}"` }),
    ...(input.idempotencyKey === undefined ? {} : { 'idempotency-key': input.idempotencyKey }),
  };
}

function parseProblem(text: string): ProblemBody {
  try {
    return JSON.parse(text) as ProblemBody;
  } catch {
    // The gateway in front may answer plain text; its words are all there is.
    return { message: text.slice(0, 200) };
  }
}
