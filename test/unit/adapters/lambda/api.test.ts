import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createApi } from '../../../../adapters/lambda/api.ts';
import { logger } from '../../../../adapters/lambda/logger.ts';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { defineRoute } from '../../../../domain/shared/define-route.ts';
import {
  AlreadyExistsError,
  InvalidInputError,
  NotFoundError,
  TooManyRequestsError,
} from '../../../../domain/shared/domain-error.ts';
import { requirePermission } from '../../../../domain/shared/permission.ts';
import { type Role, toAuthorizerContext } from '../../../../domain/shared/principal.ts';

const routes = {
  createThing: defineRoute('createThing', {
    method: 'POST',
    path: '/api/v1/things',
    role: 'scientist',
    summary: 'Creates a thing',
    body: z.strictObject({ name: z.string(), size: z.object({ rows: z.number() }).optional() }),
    response: z.object({ name: z.string() }),
    status: 201,
    twins: ['/api/v1/things/new'],
  }),
  getThing: defineRoute('getThing', {
    method: 'GET',
    path: '/api/v1/things/{name}',
    role: 'viewer',
    summary: 'Gets a thing',
    params: z.object({ name: z.string() }),
    query: z.object({ ids: z.union([z.string(), z.array(z.string())]).optional() }),
    response: z.unknown(),
  }),
  changeThing: defineRoute('changeThing', {
    method: 'PUT',
    path: '/api/v1/things/{name}',
    role: 'scientist',
    grantable: true,
    summary: 'Changes a thing',
    params: z.object({ name: z.string() }),
    body: z.strictObject({ size: z.number() }),
    response: z.unknown(),
  }),
  getMlflowThing: defineRoute('getMlflowThing', {
    method: 'GET',
    path: '/api/2.0/mlflow/things/get',
    role: 'viewer',
    summary: 'Gets a thing as MLflow would',
    response: z.unknown(),
    surface: 'mlflow',
  }),
};

interface Request {
  method?: string;
  path?: string;
  body?: string;
  query?: string;
  headers?: Record<string, string>;
  roles?: Role[] | null;
}

function makeEvent({
  method = 'GET',
  path = '/',
  body,
  query = '',
  headers = {},
  roles = ['admin'],
}: Request) {
  const principal = { tenant: 'acme', actor: 'tok_1', roles: roles ?? [] };
  return {
    rawPath: path,
    rawQueryString: query,
    headers,
    body,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'request-1',
      http: { method },
      authorizer: { lambda: roles === null ? {} : toAuthorizerContext(principal) },
    },
  } as unknown as APIGatewayProxyEventV2;
}

describe('an API function', () => {
  const created: string[] = [];
  let handler: ReturnType<typeof createApi>;
  const call = async (request: Request) => {
    const answer = await handler(makeEvent(request));
    return { ...answer, json: JSON.parse(answer.body || 'null') };
  };
  const post = (body: unknown, more: Partial<Request> = {}) =>
    call({
      method: 'POST',
      path: '/api/v1/things',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...more,
    });

  beforeEach(() => {
    vi.spyOn(logger, 'error').mockReturnValue();
    vi.spyOn(logger, 'info').mockReturnValue();
    created.length = 0;
    const missing = async () => {
      throw new NotFoundError('thing', 'x');
    };
    handler = createApi(
      routes,
      {
        createThing: async ({ body }) => {
          if (body.name === 'taken') throw new AlreadyExistsError('thing', 'taken');
          if (body.name === 'bug') throw new TypeError('cannot read secret of undefined');
          created.push(body.name);
          return { body: { name: body.name }, revision: 4 };
        },
        getThing: async ({ params, query, ifMatch }) => ({ body: { ...params, ids: query.ids, ifMatch } }),
        changeThing: async ({ context, params, body }) => {
          if (params.name === 'absent') throw new NotFoundError('thing', params.name);
          if (params.name === 'careless') return {};
          requirePermission(context, { resource: params.name, grants: { tok_1: 'EDIT' } }, 'EDIT');
          if (body.size < 0) throw new InvalidInputError('The size is negative.');
          return { body: { changed: params.name } };
        },
        getMlflowThing: missing,
      },
      { idempotency: { store: new MemoryStore() } },
    );
  });

  it('answers the declared status, the ETag and the request id', async () => {
    const answer = await post({ name: 'a' });

    expect(answer.statusCode).toBe(201);
    expect(answer.headers).toMatchObject({ etag: '"4"', 'x-request-id': 'request-1' });
    expect(answer.json).toEqual({ name: 'a' });
  });

  it('lets a permission on the thing make up for the role, and tells nothing without one', async () => {
    const change = (name: string, size: unknown, roles: Role[]) =>
      call({ method: 'PUT', path: `/api/v1/things/${name}`, body: JSON.stringify({ size }), roles });

    expect((await change('a', 1, ['viewer'])).json).toEqual({ changed: 'a' });
    expect((await change('a', -1, ['viewer'])).statusCode).toBe(400);
    expect((await change('absent', 1, ['scientist'])).statusCode).toBe(404);
    expect((await change('absent', 1, ['viewer'])).statusCode).toBe(403);
    expect((await change('a', 'wrong', ['viewer'])).statusCode).toBe(403);
    expect((await change('a', 1, ['invoker'])).statusCode).toBe(403);
  });

  it('refuses a call by permission when the handler asked for none', async () => {
    const body = JSON.stringify({ size: 1 });

    const answer = await call({ method: 'PUT', path: '/api/v1/things/careless', body, roles: ['viewer'] });

    expect(answer.statusCode).toBe(403);
  });

  it('says when to come back to who asks too often', async () => {
    const throttle = async () => {
      throw new TooManyRequestsError('Too many.', 3);
    };
    const missing = async () => ({});
    handler = createApi(
      routes,
      { createThing: missing, getThing: missing, changeThing: missing, getMlflowThing: missing },
      { throttle },
    );

    const ours = await call({ path: '/api/v1/things/a' });
    const mlflows = await call({ path: '/api/2.0/mlflow/things/get' });

    expect([ours.statusCode, ours.headers?.['retry-after'], ours.json.code]).toEqual([
      429,
      '3',
      'TOO_MANY_REQUESTS',
    ]);
    expect([mlflows.statusCode, mlflows.json.error_code]).toEqual([429, 'REQUEST_LIMIT_EXCEEDED']);
  });

  it('serves the twin of a path, and a fixed segment before a parameter', async () => {
    const answer = await post({ name: 'a' }, { path: '/api/v1/things/new' });

    expect(answer.statusCode).toBe(201);
  });

  it('hands on path, repeated query values and If-Match', async () => {
    const answer = await call({
      path: '/api/v1/things/a b',
      query: 'ids=1&ids=2,3',
      headers: { 'if-match': '"7"' },
    });

    expect(answer.json).toEqual({ name: 'a b', ids: ['1', '2,3'], ifMatch: 7 });
  });

  it.each([
    ['no principal', { roles: null }, 401, 'UNAUTHENTICATED'],
    ['a role too low', { roles: ['viewer' as const] }, 403, 'FORBIDDEN'],
  ])('refuses %s before it looks at the body', async (_case, more, status, code) => {
    const answer = await post('not json', more);

    expect([answer.statusCode, answer.json.code]).toEqual([status, code]);
    expect(created).toEqual([]);
  });

  it.each([
    ['malformed JSON', '{"name":', 'body'],
    ['a missing field', {}, 'name'],
    ['a wrong type deep inside', { name: 'a', size: { rows: 'many' } }, 'size.rows'],
    ['no body', '', 'body'],
  ])('names the path for %s', async (_case, body, path) => {
    const answer = await post(body);

    expect(answer.statusCode).toBe(400);
    expect(answer.headers?.['content-type']).toBe('application/problem+json');
    expect(answer.json.errors[0].path).toBe(path);
  });

  it('refuses an If-Match that is no ETag', async () => {
    expect((await call({ path: '/api/v1/things/a', headers: { 'if-match': 'abc' } })).statusCode).toBe(400);
  });

  it('maps a refusal of the domain to its status', async () => {
    const answer = await post({ name: 'taken' });

    expect([answer.statusCode, answer.json.code]).toEqual([409, 'ALREADY_EXISTS']);
  });

  it('answers a bug with a fixed text', async () => {
    const answer = await post({ name: 'bug' });

    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json.requestId).toBe('request-1');
  });

  it('answers in MLflow’s form on MLflow’s routes', async () => {
    const answer = await call({ path: '/api/2.0/mlflow/things/get' });

    expect(answer.statusCode).toBe(404);
    expect(answer.json).toEqual({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: "No thing 'x'." });
  });

  it('answers an unknown MLflow route without JSON', async () => {
    const answer = await handler(makeEvent({ path: '/api/3.0/mlflow/traces' }));

    expect(answer).toMatchObject({ statusCode: 404, body: 'Not Found' });
  });

  describe('with an Idempotency-Key', () => {
    const keyed = { headers: { 'idempotency-key': 'k1' } };

    it('creates once and repeats the answer', async () => {
      const first = await post({ name: 'a' }, keyed);
      const second = await post({ name: 'a' }, keyed);

      expect(created).toEqual(['a']);
      expect(second.body).toBe(first.body);
    });

    it('refuses another body under the same key', async () => {
      await post({ name: 'a' }, keyed);

      expect((await post({ name: 'b' }, keyed)).json.code).toBe('IDEMPOTENCY_KEY_REUSED');
    });

    it('lets a call that failed be repeated', async () => {
      await post({ name: 'bug' }, keyed);

      expect((await post({ name: 'bug' }, keyed)).statusCode).toBe(500);
    });
  });
});
