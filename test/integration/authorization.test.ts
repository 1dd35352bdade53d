import { beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../domain/routes.ts';
import { type RequiredRole, ROLES, type Role } from '../../domain/shared/principal.ts';
import type { Route } from '../../domain/shared/route.ts';
import { makeRoutes } from '../../functions/serving/answer-inference/routes.ts';
import { CloudCaller } from '../support/cloud-caller.ts';
import { makeUpInput } from '../support/made-up-input.ts';
import { buildTreeClassifier } from '../support/onnx-model.ts';
import { useCloud } from '../support/shared-cloud.ts';

/** A role that is not enough; no role is enough for everything below it but admin. */
const TOO_LOW: Record<Exclude<RequiredRole, 'open'>, Role> = {
  viewer: 'invoker',
  invoker: 'viewer',
  scientist: 'viewer',
  operator: 'scientist',
  approver: 'operator',
  'operator-or-approver': 'scientist',
  admin: 'operator',
  platform: 'admin',
};
/** Name of all that the owner has, and a word that is in each of its objects. */
const OWNED = 'owned';
const MARK = 'only-the-owner-may-read-this';
const NOBODYS_TOKEN = `prn_${'0'.repeat(49)}`;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly role: Exclude<RequiredRole, 'open'>;
  readonly route: Route;
}

const calls = Object.values(ROUTES)
  .flatMap((table) => Object.values<Route>(table))
  .flatMap((route) => [route.path, ...route.twins].map((path) => ({ ...route, path, route })));
const closed = calls.filter((call): call is Call & typeof call => call.role !== 'open');
const ofTenants = closed.filter(({ role }) => role !== 'platform');
/** A path of artifacts begins at the caller's own tenant: there is no name for another's. */
const named = ofTenants
  .filter(({ path }) => path.includes('{') && !path.includes('mlflow-artifacts'))
  // A PUT may make the stranger's own object of that name: the others must not find it.
  .toSorted((a, b) => Number(a.method === 'PUT') - Number(b.method === 'PUT'));
const REFUSED: Partial<Record<string, readonly number[]>> = {
  GET: [404],
  DELETE: [404],
  PUT: [200, 201, 400, 404, 422],
};

const cloud = useCloud();
let owner: CloudCaller;
let stranger: CloudCaller;
let ids: Record<string, string>;

beforeAll(async () => {
  owner = await CloudCaller.forNewTenant(cloud(), 'owner');
  stranger = await CloudCaller.forNewTenant(cloud(), 'stranger');
  ids = await makeObjects();
  // Each token's authentication is cached from here on; the cache covers all routes and decides none.
  const everybody = [owner, stranger].flatMap((caller) => ROLES.map((role) => caller.token(role)));
  await Promise.all(everybody.map((token) => send('GET', '/api/v1/installation', token)));
});

/** One object of each kind that a path can name; the ids of those that have no name. */
async function makeObjects(): Promise<Record<string, string>> {
  const make = async (path: string, body: object) => {
    const reply = await owner.call('POST', path, body, 'admin');
    if (reply.status >= 300) throw new Error(`${path}: ${JSON.stringify(reply.body)}`);
    return reply.body;
  };
  await make('/api/v1/models', { name: OWNED, description: MARK });
  await owner.register(OWNED, buildTreeClassifier(3, 2, 2), { input: { description: MARK } });
  await owner.serve(OWNED, OWNED);
  const rollouts = await owner.call('GET', `/api/v1/endpoints/${OWNED}/rollouts`);
  await make('/api/v1/datasets', { name: OWNED, description: MARK });
  const pipeline = { model: OWNED, dataset: OWNED, task: 'classification', label: { column: 'late' } };
  await make('/api/v1/training-pipelines', { name: OWNED, timeColumn: 'date', ...pipeline });
  const policy = { endpoint: OWNED, pipeline: OWNED };
  await owner.call('PUT', `/api/v1/retraining-policies/${OWNED}`, policy, 'admin');
  const token = await make('/api/v1/tokens', { name: MARK, roles: ['viewer'] });
  const run = await make('/api/2.0/mlflow/runs/create', {
    ...{ experiment_id: '0', run_name: MARK, tags: [{ key: 'mark', value: MARK }] },
  });
  return { rollouts: rollouts.body.items[0].id, tokens: token.id, run: run.run.info.run_id };
}

describe('every declared route', () => {
  it.each(closed)('answers 401 without a token: $method $path', async ({ method, path }) => {
    expect((await send(method, fillIn(path))).status).toBe(401);
  });

  it.each(closed)('answers 401 to a token that nobody has: $method $path', async ({ method, path }) => {
    expect((await send(method, fillIn(path), NOBODYS_TOKEN)).status).toBe(401);
  });

  it.each(closed)('answers 403 to a role below $role: $method $path', async ({ method, path, role }) => {
    expect((await send(method, fillIn(path), owner.token(TOO_LOW[role]))).status).toBe(403);
  });

  it('is open only where it is declared so', async () => {
    const open = calls.filter(({ role }) => role === 'open');

    const statuses = await Promise.all(
      open.map(async ({ method, path }) => (await send(method, path)).status),
    );

    expect(statuses).toEqual(open.map(() => 200));
  });
});

describe("another tenant's token", () => {
  it.each(named)('finds no object: $method $path', async ({ method, path, route }) => {
    const body = makeUpInput(route.body, { run_id: ids.run });

    const answer = await send(method, fillIn(path), stranger.token('admin'), body);

    // A made-up body may be wrong in a way that its schema does not tell.
    expect(REFUSED[method] ?? [400, 404, 422]).toContain(answer.status);
    expect(await answer.text()).not.toContain(MARK);
  });

  it.each(ofTenants)("reads nothing of the owner's: $method $path", async ({ method, path, route }) => {
    const known = {
      run_id: ids.run,
      run_uuid: ids.run,
      experiment_ids: ['0'],
      ...(method === 'GET' ? { name: OWNED } : {}),
    };
    const query = makeUpInput(route.query, known) as Record<string, string>;
    const address = `${fillIn(path)}?${new URLSearchParams(query)}`;

    const answer = await send(method, address, stranger.token('admin'), makeUpInput(route.body, known));

    expect(answer.status).toBeLessThan(500);
    expect(await answer.text()).not.toContain(MARK);
  });

  it('has changed nothing', async () => {
    const paths = [
      `models/${OWNED}`,
      `models/${OWNED}/versions/1`,
      `datasets/${OWNED}`,
      `endpoints/${OWNED}`,
    ];

    const replies = await Promise.all(paths.map((path) => owner.call('GET', `/api/v1/${path}`)));

    expect(replies.map(({ status }) => status)).toEqual(paths.map(() => 200));
    for (const { body } of replies.slice(0, 3)) expect(body.description).toBe(MARK);
    expect(replies[3]?.body).toMatchObject({ status: 'IN_SERVICE', version: 1 });
  });
});

describe('every route of an endpoint', () => {
  const routes = [...makeRoutes('T', OWNED, 1)].map(([path, { method }]) => ({ path, method }));
  const addressOf = (path: string) => path.replace('/T/', `/${owner.tenant}/`);

  it.each(routes)('asks who calls: $method $path', async ({ method, path }) => {
    const address = addressOf(path);

    const answers = [
      await send(method, address),
      await send(method, address, NOBODYS_TOKEN),
      await send(method, address, stranger.token('admin')),
      await send(method, address, stranger.token('invoker')),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 404, 404]);
  });

  it.each(routes)(
    'asks for the role, and for a token of this endpoint: $method $path',
    async ({ method, path }) => {
      const limited = { name: 'limited', roles: ['invoker'], endpoints: ['another'] };
      const { body } = await owner.call('POST', '/api/v1/tokens', limited, 'admin');

      const forAnother = await send(method, addressOf(path), body.token);
      const forViewer = await send(method, addressOf(path), owner.token('viewer'));

      expect(forAnother.status).toBe(403);
      expect(forViewer.status).toBe(method === 'POST' ? 403 : 200);
    },
  );
});

describe('a path without a declaration', () => {
  it('asks for a token first', async () => {
    expect((await send('GET', '/api/v1/nothing')).status).toBe(401);
  });

  it.each([
    { path: '/api/v1/nothing', type: 'application/problem+json' },
    // MLflow's clients fall back to older routes when a 404 is not JSON.
    { path: '/api/2.0/mlflow/nothing/at-all', type: 'text/plain' },
  ])('is a 404 in $type: $path', async ({ path, type }) => {
    const answer = await send('GET', path, owner.token('admin'));

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain(type);
  });
});

function send(method: string, path: string, token?: string, body?: unknown): Promise<Response> {
  const hasBody = body !== undefined && method !== 'GET';
  return fetch(`${cloud().apiUrl}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(body) } : {}),
  });
}

/** Ids of what the test did not make are checked for their form before they are looked up. */
const ID_PREFIXES = { 'training-executions': 'exe', alerts: 'alr' };

/** Every name in a path is that of the owner's object. */
function fillIn(path: string): string {
  const made = Object.entries(ids).find(([collection]) => path.includes(`/${collection}/`))?.[1];
  const prefix = Object.entries(ID_PREFIXES).find(([collection]) => path.includes(`/${collection}/`))?.[1];
  return path
    .replace('{id}', made ?? `${prefix}_01M7YEWWFH2RF3MRD6B2X1GZJZ`)
    .replace('{v}', '1')
    .replace(/\{\w+\+\}/, 'some/file.txt')
    .replace(/\{\w+\}/g, OWNED);
}
