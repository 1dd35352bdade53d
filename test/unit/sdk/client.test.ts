import { describe, expect, it } from 'vitest';
import {
  createClient,
  PerennialApiError,
  PerennialConnectionError,
  ROUTES,
  waitUntil,
} from '../../../sdk/index.ts';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

function makeClient(answer: () => Response, sent: Sent[] = []) {
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    sent.push({ url: String(url), init });
    return answer();
  };
  return createClient({ apiUrl: 'https://api.example/', token: 'prn_x', fetch });
}

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

describe('the client', () => {
  it('has a method for every declared route', () => {
    const client = makeClient(() => json({})) as unknown as Record<string, Record<string, unknown>>;

    for (const [capability, routes] of Object.entries(ROUTES)) {
      expect(Object.keys(client[capability] ?? {})).toEqual(Object.keys(routes));
    }
  });

  it('fills the path, repeats query values and sends what the route takes', async () => {
    const sent: Sent[] = [];
    const client = makeClient(() => json({ items: [], nextCursor: null }), sent);

    await client.registry.listModelVersions({ params: { name: 'a b/c' }, query: { limit: 5 } });
    await client.access.createToken({ body: { name: 'ci', roles: ['viewer'] }, idempotencyKey: 'k' });
    await client.registry.updateModel({ params: { name: 'm' }, body: { description: 'x' }, ifMatch: 3 });

    expect(sent[0]?.url).toBe('https://api.example/api/v1/models/a%20b%2Fc/versions?limit=5');
    expect(sent[0]?.init.headers).toEqual({ authorization: 'Bearer prn_x' });
    expect(sent[1]?.init).toMatchObject({ method: 'POST', body: '{"name":"ci","roles":["viewer"]}' });
    expect(sent[1]?.init.headers).toMatchObject({
      'idempotency-key': 'k',
      'content-type': 'application/json',
    });
    expect(sent[2]?.init.headers).toMatchObject({ 'if-match': '"3"' });
  });

  it.each([
    [
      'problem+json',
      { detail: 'No model.', code: 'NOT_FOUND', requestId: 'r', errors: [] },
      404,
      'NOT_FOUND',
      'No model.',
    ],
    [
      'MLflow’s form',
      { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'gone' },
      404,
      'RESOURCE_DOES_NOT_EXIST',
      'gone',
    ],
    ['the gateway’s own', { message: 'Too Many Requests' }, 429, 'HTTP_429', 'Too Many Requests'],
  ])('rebuilds an error from %s', async (_form, body, status, code, message) => {
    const call = makeClient(() => json(body, status)).access.listTokens();

    await expect(call).rejects.toMatchObject({ name: 'PerennialApiError', status, code, message });
  });

  it('keeps the words of an answer that is not JSON', async () => {
    const call = makeClient(() => new Response('Not Found', { status: 404 })).access.listTokens();

    await expect(call).rejects.toThrow('Not Found');
  });

  it('tells the caller’s faults from ours', () => {
    const fault = (status: number) => new PerennialApiError(status, {}).isCallersFault;

    expect([fault(400), fault(404), fault(429), fault(500)]).toEqual([true, true, false, false]);
  });

  it('says when nothing answers', async () => {
    const client = createClient({
      apiUrl: 'http://nowhere',
      token: 't',
      fetch: async () => {
        throw new TypeError('fetch failed');
      },
    });

    await expect(client.access.listTokens()).rejects.toBeInstanceOf(PerennialConnectionError);
  });

  it('hands on text and empty answers', async () => {
    expect(await makeClient(() => new Response('OK', { status: 200 })).access.getHealth()).toBe('OK');
    expect(
      await makeClient(() => new Response(null, { status: 204 })).access.revokeToken({ params: { id: 'x' } }),
    ).toBeUndefined();
  });
});

describe('waitUntil', () => {
  it('reads until it is done', async () => {
    let reads = 0;
    const read = async () => {
      reads += 1;
      return { status: reads < 3 ? 'PENDING' : 'READY' };
    };

    const value = await waitUntil(read, ({ status }) => status === 'READY', { intervalSeconds: 0.001 });

    expect([value.status, reads]).toEqual(['READY', 3]);
  });

  it('tells the last status when the time runs out', async () => {
    const wait = waitUntil(
      async () => ({ status: 'PENDING' }),
      () => false,
      { timeoutSeconds: 0.01, intervalSeconds: 0.005 },
    );

    await expect(wait).rejects.toThrow('Still PENDING after 0.01 s.');
  });
});
