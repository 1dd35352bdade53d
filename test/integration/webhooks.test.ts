import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReceiverNetwork } from '../../adapters/https/receiver-network.ts';
import { CloudCaller } from '../support/cloud-caller.ts';
import { useCloud } from '../support/shared-cloud.ts';

const SECRET = 'only-sender-and-receiver-know';
const HOOKS = '/api/2.0/mlflow/webhooks';
const MLFLOW = '/api/2.0/mlflow';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const cloud = useCloud();
const received: Received[] = [];
/** Statuses to answer with, by path, the first next; then 200. */
const statuses = new Map<string, number[]>();
let receiver: Server;
let port: number;
let caller: CloudCaller;

beforeAll(async () => {
  const file = (name: string) => readFile(join(cloud().directory, 'certificate', name));
  const identity = { cert: await file('localhost.pem'), key: await file('localhost.key') };
  receiver = createServer(identity, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '';
    received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
    const status = statuses.get(path)?.shift() ?? 200;
    response.writeHead(status, status === 302 ? { location: `https://localhost:${port}/elsewhere` } : {});
    response.end(`answered ${status}`);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  port = (receiver.address() as AddressInfo).port;
  caller = await CloudCaller.forNewTenant(cloud(), 'hooks');
});

afterAll(() => receiver.close());

const urlOf = (path: string) => `https://localhost:${port}${path}`;
const at = (path: string) => received.filter((each) => each.path === path);
const event = (entity: string, action: string) => ({ entity, action });

async function makeWebhook(path: string, events: object[], more: object = {}): Promise<string> {
  const input = { name: 'hook', url: urlOf(path), events, ...more };
  const { status, body } = await caller.call('POST', HOOKS, input);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.webhook.webhook_id;
}

async function settled(webhookId: string, count: number) {
  const path = `/api/v1/webhooks/${webhookId}/deliveries`;
  const isSettled = ({ items }: { items: { status: string }[] }) =>
    items.filter(({ status }) => status !== 'PENDING').length === count;
  return (await caller.until(path, ({ body }) => isSettled(body), 60, 'operator')).body.items;
}

describe('a receiver', () => {
  it('gets what it asked for, signed, although it failed twice, and the record says so', async () => {
    statuses.set('/flaky', [503, 503]);
    const id = await makeWebhook('/flaky', [event('REGISTERED_MODEL', 'CREATED')], { secret: SECRET });

    const model = { name: 'flaky', description: 'd', tags: [{ key: 'team', value: 'red' }] };
    await caller.call('POST', `${MLFLOW}/registered-models/create`, model);
    const [delivery, ...others] = await settled(id, 1);

    expect(others).toEqual([]);
    expect(delivery).toMatchObject({
      ...{ status: 'DELIVERED', event: 'registered_model.created', resource: 'models/flaky' },
      ...{ responseStatus: 200, error: null, nextAttemptAt: null },
      attempts: [
        { responseStatus: 503, responseBody: 'answered 503', error: 'The receiver answered 503.' },
        { responseStatus: 503 },
        { responseStatus: 200, error: null },
      ],
    });
    const calls = at('/flaky');
    expect(calls).toHaveLength(3);
    for (const { headers, body } of calls) {
      const signed = `${delivery.id}.${headers['x-mlflow-timestamp']}.${body}`;
      const signature = createHmac('sha256', SECRET).update(signed).digest('base64');
      expect(headers['x-mlflow-delivery-id']).toBe(delivery.id);
      expect(headers['x-mlflow-signature']).toBe(`v1,${signature}`);
      expect(JSON.parse(body)).toEqual({
        ...{ entity: 'registered_model', action: 'created', timestamp: expect.stringContaining('+00:00') },
        data: { name: 'flaky', tags: { team: 'red' }, description: 'd' },
      });
    }
  });

  it('hears of versions, tags and aliases', async () => {
    const events = [
      event('MODEL_VERSION', 'CREATED'),
      ...[event('MODEL_VERSION_TAG', 'SET'), event('MODEL_VERSION_TAG', 'DELETED')],
      ...[event('MODEL_VERSION_ALIAS', 'CREATED'), event('MODEL_VERSION_ALIAS', 'DELETED')],
    ];
    const id = await makeWebhook('/versions', events);
    const version = { name: 'told', version: '1' };
    const alias = { name: 'told', alias: 'best' };

    await caller.call('POST', `${MLFLOW}/registered-models/create`, { name: 'told' });
    const source = { name: 'told', source: 's3://bucket/model', description: 'first' };
    await caller.call('POST', `${MLFLOW}/model-versions/create`, source);
    await caller.call('POST', `${MLFLOW}/model-versions/set-tag`, { ...version, key: 'k', value: 'v' });
    await caller.call('DELETE', `${MLFLOW}/model-versions/delete-tag`, { ...version, key: 'k' });
    await caller.call('POST', `${MLFLOW}/registered-models/alias`, { ...alias, version: '1' });
    await caller.call('DELETE', `${MLFLOW}/registered-models/alias`, alias);
    await settled(id, 5);

    const told = at('/versions').map(({ body }) => JSON.parse(body));
    expect(told.map(({ entity, action, data }) => [`${entity}.${action}`, data]).sort()).toEqual([
      [
        'model_version.created',
        { ...version, source: 's3://bucket/model', run_id: null, tags: {}, description: 'first' },
      ],
      ['model_version_alias.created', { ...alias, version: '1' }],
      ['model_version_alias.deleted', alias],
      ['model_version_tag.deleted', { ...version, key: 'k' }],
      ['model_version_tag.set', { ...version, key: 'k', value: 'v' }],
    ]);
    expect(at('/versions')[0]?.headers).not.toHaveProperty('x-mlflow-signature');
  });

  it('that sends elsewhere is not followed, and the delivery ends', async () => {
    statuses.set('/moved', [302]);
    const id = await makeWebhook('/moved', [event('PROMPT', 'CREATED')]);

    const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
    await caller.call('POST', `${MLFLOW}/registered-models/create`, { name: 'a-prompt', tags });
    const [delivery] = await settled(id, 1);

    expect(delivery).toMatchObject({
      ...{ status: 'FAILED', event: 'prompt.created', responseStatus: 302 },
      error: 'The receiver answered 302; redirects are not followed.',
    });
    expect(at('/elsewhere')).toEqual([]);
  });

  it('is tested on demand, with its secret and an example', async () => {
    const id = await makeWebhook('/test', [event('PROMPT_ALIAS', 'DELETED')], { secret: SECRET });

    const { status, body } = await caller.call('POST', `${HOOKS}/${id}/test`, {});

    const result = { success: true, response_status: 200, response_body: 'answered 200' };
    expect([status, body]).toEqual([200, { result }]);
    expect(at('/test')[0]?.headers['x-mlflow-signature']).toMatch(/^v1,/);
    expect(JSON.parse(at('/test')[0]!.body).data).toEqual({ name: 'example_prompt', alias: 'example_alias' });
  });
});

describe('a webhook', () => {
  it('never shows its secret, in no answer and in no audit', async () => {
    const id = await makeWebhook('/secret', [event('PROMPT', 'CREATED')], { secret: SECRET });

    const replies = [
      await caller.call('GET', `${HOOKS}/${id}`),
      await caller.call('GET', HOOKS),
      await caller.call('PATCH', `${HOOKS}/${id}`, { secret: `${SECRET}-2` }),
      await caller.call('GET', `/api/v1/audit?resource=webhooks/${id}`, undefined, 'admin'),
    ];

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(JSON.stringify(replies.map(({ body }) => body))).not.toContain(SECRET);
    expect(replies[3]?.body.items).toMatchObject([
      { action: 'perennial.registry.WebhookUpdated', changed: ['secret'] },
      { action: 'perennial.registry.WebhookCreated' },
    ]);
  });

  it.each(['https://127.0.0.1/x', 'https://10.0.0.1/x', 'https://169.254.169.254/latest', 'https://[::1]/x'])(
    'is refused for %s',
    async (url) => {
      const input = { name: 'hook', url, events: [event('PROMPT', 'CREATED')] };

      const { status, body } = await caller.call('POST', HOOKS, input);

      expect(status).toBe(400);
      expect(body.message).toContain('Webhook URL must not resolve to a non-public IP address.');
    },
  );

  it('is for operators to see, since its address may be a secret itself', async () => {
    const { status } = await caller.call('GET', HOOKS, undefined, 'scientist');

    expect(status).toBe(403);
  });
});

describe('the network', () => {
  const request = (host: string) => ({ url: `https://${host}:${port}/network`, headers: {}, body: '{}' });
  const loopback = { address: '127.0.0.1', family: 4 };
  const trust = async () => readFile(cloud().caFile, 'utf8');

  it('calls a checked address under the name that its certificate is for', async () => {
    const network = createReceiverNetwork({ allowed: ['localhost'], ca: await trust() });

    const answer = await network.post(request('localhost'));

    expect(answer).toMatchObject({ kind: 'answered', status: 200, body: 'answered 200' });
  });

  it('trusts no certificate of another name, and none of an unknown authority', async () => {
    const options = { allowed: ['hooks.internal'], resolve: async () => [loopback] };

    const answers = [
      await createReceiverNetwork({ ...options, ca: await trust() }).post(request('hooks.internal')),
      await createReceiverNetwork({ ...options, ca: rootCertificates[0]! }).post(request('hooks.internal')),
    ];

    expect(answers).toMatchObject([
      { kind: 'unreachable', error: "The certificate is not for 'hooks.internal'." },
      { kind: 'unreachable', error: expect.stringContaining('not from an authority that is trusted') },
    ]);
  });
});
