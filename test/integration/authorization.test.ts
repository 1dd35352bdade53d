import { beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../domain/routes.ts';
import type { RequiredRole, Role } from '../../domain/shared/principal.ts';
import type { Route } from '../../domain/shared/route.ts';
import { useCloud } from '../support/shared-cloud.ts';

/** A role that is not enough; no role is enough for everything below it but admin. */
const TOO_LOW: Record<Exclude<RequiredRole, 'open'>, Role> = {
  viewer: 'invoker',
  invoker: 'viewer',
  scientist: 'viewer',
  operator: 'scientist',
  approver: 'operator',
  admin: 'operator',
  platform: 'admin',
};

interface Call {
  readonly method: string;
  readonly path: string;
  readonly role: RequiredRole;
}

const calls: Call[] = Object.values(ROUTES)
  .flatMap((table) => Object.values<Route>(table))
  .flatMap(({ method, path, twins, role }) => [path, ...twins].map((each) => ({ method, path: each, role })));
const closed = calls.filter(({ role }) => role !== 'open');
/** Calls that name an object: those that another tenant's token must not reach. */
const named = closed
  .filter(({ path, role }) => path.includes('{') && role !== 'platform')
  // A path of artifacts begins at the caller's own tenant: there is no name for another's.
  .filter(({ path }) => !path.includes('mlflow-artifacts'));

const cloud = useCloud();
let stranger: Record<Role, string>;

beforeAll(async () => {
  const name = `stranger-${Date.now().toString(36)}`;
  const created = await send({ method: 'POST', path: '/api/v1/tenants' }, cloud().platformToken, { name });
  stranger = ((await created.json()) as { tokens: Record<Role, string> }).tokens;
  const model = { name: 'authorization' };
  await send({ method: 'POST', path: '/api/v1/models' }, cloud().tenants.default!.scientist, model);
  // Each token's authentication is cached from here on; the cache covers all routes and decides none.
  const tokens = [...Object.values(cloud().tenants.default!), ...Object.values(stranger)];
  await Promise.all(tokens.map((token) => send({ method: 'GET', path: '/api/v1/installation' }, token)));
});

describe('every declared route', () => {
  it.each(closed)('answers 401 without a token: $method $path', async (call) => {
    const answer = await send(call);

    expect(answer.status).toBe(401);
  });

  it.each(closed)('answers 401 to a token that nobody has: $method $path', async (call) => {
    const answer = await send(call, 'prn_0000000000000000000000000000000000000000000000000');

    expect(answer.status).toBe(401);
  });

  it.each(closed)('answers 403 to a role below $role: $method $path', async (call) => {
    const role = TOO_LOW[call.role as Exclude<RequiredRole, 'open'>];

    const answer = await send(call, cloud().tenants.default![role]);

    expect(answer.status).toBe(403);
  });

  it.each(named)("keeps another tenant's objects absent: $method $path", async (call) => {
    const hasBody = !['GET', 'DELETE'].includes(call.method);

    const answer = await send(call, stranger.admin, hasBody ? {} : undefined);

    // A body that would be wrong anyway may be refused first; nothing is ever found or done.
    expect(hasBody ? [400, 404, 422] : [404]).toContain(answer.status);
  });

  it('is open only where it is declared so', async () => {
    const open = calls.filter(({ role }) => role === 'open');

    const statuses = await Promise.all(open.map(async (call) => (await send(call)).status));

    expect(statuses).toEqual(open.map(() => 200));
  });
});

describe('a path without a declaration', () => {
  it('asks for a token first', async () => {
    const answer = await send({ method: 'GET', path: '/api/v1/nothing' });

    expect(answer.status).toBe(401);
  });

  it.each([
    { path: '/api/v1/nothing', type: 'application/problem+json' },
    // MLflow's clients fall back to older routes when a 404 is not JSON.
    { path: '/api/2.0/mlflow/nothing/at-all', type: 'text/plain' },
  ])('is a 404 in $type: $path', async ({ path, type }) => {
    const answer = await send({ method: 'GET', path }, cloud().tenants.default!.admin);

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain(type);
  });
});

function send({ method, path }: Pick<Call, 'method' | 'path'>, token?: string, body?: object) {
  return fetch(`${cloud().apiUrl}${fillIn(path)}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Ids are checked for their form before they are looked up. */
const ID_PREFIXES = { rollouts: 'rol', tokens: 'tok', 'training-executions': 'exe', alerts: 'alr' };

/** The model exists in the default tenant; whatever else is named exists nowhere. */
function fillIn(path: string): string {
  const prefix = Object.entries(ID_PREFIXES).find(([collection]) => path.includes(`/${collection}/`))?.[1];
  return path
    .replace('{id}', `${prefix}_01M7YEWWFH2RF3MRD6B2X1GZJZ`)
    .replace('{v}', '1')
    .replace(/\{\w+\+\}/, 'some/file.txt')
    .replace(/\{\w+\}/g, 'authorization');
}
