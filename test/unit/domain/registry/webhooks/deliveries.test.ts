import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createModel } from '../../../../../domain/registry/manage-models.ts';
import { deliveryMessage } from '../../../../../domain/registry/webhooks/delivery-message.ts';
import { listDeliveries } from '../../../../../domain/registry/webhooks/delivery-records.ts';
import { deleteWebhook, updateWebhook } from '../../../../../domain/registry/webhooks/manage-webhooks.ts';
import type { ReceiverAnswer } from '../../../../../domain/registry/webhooks/ports.ts';
import { delayBeforeNext } from '../../../../../domain/registry/webhooks/retry-schedule.ts';
import { testWebhook } from '../../../../../domain/registry/webhooks/test-webhook.ts';
import { NOON_MS } from '../../../../support/call-context.ts';
import { answered, WebhookWorld } from '../../../../support/webhook-world.ts';

const UNREACHABLE: ReceiverAnswer = { kind: 'unreachable', error: 'It is not there.', durationMs: 5 };
const REFUSED: ReceiverAnswer = { kind: 'refused', error: 'It is private.', durationMs: 1 };

/** A world with one webhook, and the event of a model that was created. */
async function setUp(...answers: ReceiverAnswer[]) {
  const world = new WebhookWorld();
  world.answers.push(...answers);
  const webhookId = await world.webhook({ secret: 'my-secret' });
  await createModel(world.store, world.context(), { name: 'churn', description: 'd', tags: {} });
  const event = world.store.events.at(-1)!;
  const request = { tenant: 'acme', webhookId, eventId: event.eventId };
  const deliveries = async () => (await listDeliveries(world.store, 'acme', webhookId, { limit: 10 })).items;
  return { world, webhookId, request, event, deliveries };
}

describe('a delivery', () => {
  it("is signed with the secret over id, time and body, in MLflow's headers", async () => {
    const { world, deliveries } = await setUp();

    await world.relay();
    await world.run();

    const [{ headers, body, url }] = world.received as [(typeof world.received)[0]];
    const id = headers['x-mlflow-delivery-id'];
    const timestamp = String(NOON_MS / 1000);
    const signed = createHmac('sha256', 'my-secret').update(`${id}.${timestamp}.${body}`).digest('base64');
    expect(url).toBe('https://hooks.example.com/in');
    expect(headers).toMatchObject({ 'x-mlflow-timestamp': timestamp, 'x-mlflow-signature': `v1,${signed}` });
    expect(JSON.parse(body)).toMatchObject({ entity: 'registered_model', data: { name: 'churn' } });
    expect((await deliveries())[0]?.id).toBe(id);
  });

  it('is not signed without a secret', async () => {
    const { world, webhookId } = await setUp();
    await updateWebhook(world, world.context(), webhookId, { secret: '' });

    await world.relay(world.store.events.find(({ detailType }) => detailType === 'ModelCreated'));
    await world.run();

    expect(world.received[0]?.headers).not.toHaveProperty('x-mlflow-signature');
  });

  it('goes to the active webhooks of its tenant that asked for the event', async () => {
    const { world, webhookId } = await setUp();
    await world.webhook({ events: [{ entity: 'PROMPT', action: 'CREATED' }] });
    await world.webhook({ status: 'DISABLED' });
    await world.webhook({}, world.context({ tenant: 'other' }));

    const planned = await world.relay(
      world.store.events.find(({ detailType }) => detailType === 'ModelCreated'),
    );

    expect(planned).toBe(1);
    expect(world.waiting.map(({ request }) => request.webhookId)).toEqual([webhookId]);
  });

  it('that fails twice is tried again with the same id and a time of its own, and says so', async () => {
    const { world, deliveries } = await setUp(answered(503, { body: 'busy' }), answered(503));

    await world.relay();
    await world.run();

    const headers = world.received.map((request) => request.headers);
    expect(new Set(headers.map((each) => each['x-mlflow-delivery-id'])).size).toBe(1);
    expect(headers.map((each) => Number(each['x-mlflow-timestamp']) - NOON_MS / 1000)).toEqual([0, 2, 12]);
    expect(await deliveries()).toMatchObject([
      {
        status: 'DELIVERED',
        event: 'registered_model.created',
        resource: 'models/churn',
        responseStatus: 200,
        error: null,
        nextAttemptAt: null,
        attempts: [
          { responseStatus: 503, responseBody: 'busy', error: 'The receiver answered 503.' },
          { responseStatus: 503 },
          { responseStatus: 200, error: null },
        ],
      },
    ]);
  });

  it('waits as its record says', async () => {
    const { world, deliveries } = await setUp(UNREACHABLE);

    await world.relay();
    await world.attempt(world.waiting.shift()!.request);

    expect(await deliveries()).toMatchObject([
      {
        status: 'PENDING',
        error: 'It is not there.',
        responseStatus: null,
        nextAttemptAt: new Date(NOON_MS + 2005).toISOString(),
      },
    ]);
  });

  it('ends after eight attempts, three hours later', async () => {
    const { world, deliveries } = await setUp(...Array.from({ length: 20 }, () => UNREACHABLE));

    await world.relay();
    await world.run();

    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ status: 'FAILED', error: 'It is not there.', nextAttemptAt: null });
    expect(delivery?.attempts).toHaveLength(8);
    expect((world.nowMs - NOON_MS) / 3_600_000).toBeCloseTo(3.35, 1);
    expect(Math.max(...world.waiting.map(({ atMs }) => atMs), 0)).toBe(0);
  });

  it.each([
    [answered(404), 'The receiver answered 404.'],
    [answered(302), 'The receiver answered 302; redirects are not followed.'],
    [REFUSED, 'It is private.'],
  ])('ends at once when another attempt would change nothing: %o', async (answer, error) => {
    const { world, deliveries } = await setUp(answer);

    await world.relay();
    await world.run();

    expect(world.received).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ status: 'FAILED', error }]);
  });

  it('waits for as long as a busy receiver asks', async () => {
    const { world } = await setUp(answered(429, { retryAfterSeconds: 120 }));

    await world.relay();
    await world.run();

    expect(world.received).toHaveLength(2);
    expect((world.nowMs - NOON_MS) / 1000).toBeCloseTo(121, -1);
  });

  it('is one for an event that comes twice, now or later', async () => {
    const { world, event, deliveries } = await setUp();

    await world.relay(event);
    await world.relay(event);
    await world.run();
    await world.relay(event);
    await world.run();

    expect(world.received).toHaveLength(1);
    expect(await deliveries()).toHaveLength(1);
  });

  it('is left to whoever is at it, unless they have died', async () => {
    const { world, request } = await setUp();
    const first = world.network.post;
    let second: Promise<void> | undefined;
    world.network.post = async (sent) => {
      second = world.attempt(request);
      await second;
      return first(sent);
    };

    await world.attempt(request);

    expect(world.received).toHaveLength(1);
  });

  it('is taken over a minute after whoever was at it died', async () => {
    const { world, request, deliveries } = await setUp();
    const { post } = world.network;
    world.network.post = () => Promise.reject(new Error('The function ran out of time.'));
    await expect(world.attempt(request)).rejects.toThrow('ran out of time');
    world.network.post = post;

    await world.attempt(request);
    const meanwhile = await deliveries();
    world.nowMs += 61_000;
    await world.attempt(request);

    expect(meanwhile).toMatchObject([{ status: 'PENDING', attempts: [] }]);
    expect(await deliveries()).toMatchObject([{ status: 'DELIVERED' }]);
  });

  it.each([
    ['disabled', 'The webhook was disabled.'],
    ['deleted', undefined],
  ])('ends when its webhook was %s meanwhile', async (what, error) => {
    const { world, webhookId, deliveries } = await setUp();
    await world.relay();
    if (what === 'disabled') await updateWebhook(world, world.context(), webhookId, { status: 'DISABLED' });
    else await deleteWebhook(world.store, world.context(), webhookId);

    await world.run();

    expect(world.received).toEqual([]);
    if (error === undefined) await expect(deliveries()).rejects.toThrow('not found');
    else expect(await deliveries()).toMatchObject([{ status: 'FAILED', error, attempts: [] }]);
  });

  it('of an event that was erased is none', async () => {
    const { world, request, deliveries } = await setUp();
    world.store.events.length = 0;

    await world.attempt(request);

    expect(world.received).toEqual([]);
    expect(await deliveries()).toEqual([]);
  });
});

describe('the record of deliveries', () => {
  it('has the newest event first, in pages', async () => {
    const { world, webhookId } = await setUp();
    await createModel(world.store, world.context(), { name: 'second', description: '', tags: {} });
    for (const event of world.store.events) await world.relay(event);
    await world.run();

    const first = await listDeliveries(world.store, 'acme', webhookId, { limit: 1 });
    const next = await listDeliveries(world.store, 'acme', webhookId, {
      limit: 1,
      cursor: first.nextCursor!,
    });

    expect([first, next].map(({ items }) => items[0]?.resource)).toEqual(['models/second', 'models/churn']);
    expect(next.nextCursor).toBeNull();
  });

  it('never has the secret', async () => {
    const { world, deliveries } = await setUp();

    await world.relay();
    await world.run();

    expect(JSON.stringify(await deliveries())).not.toMatch(/secret|terces/);
  });
});

describe('a test', () => {
  it("sends MLflow's example of the first event once, signed, and records nothing", async () => {
    const { world, webhookId, deliveries } = await setUp(answered(404, { body: 'no such path' }));

    const { result } = await testWebhook(world, world.context(), webhookId, undefined);

    expect(result).toEqual({ success: false, response_status: 404, response_body: 'no such path' });
    expect(JSON.parse(world.received[0]!.body).data).toMatchObject({ name: 'example_model' });
    expect(world.received[0]?.headers['x-mlflow-signature']).toMatch(/^v1,/);
    expect(await deliveries()).toEqual([]);
  });

  it('sends another event when one is named, and says why nobody answered', async () => {
    const { world, webhookId } = await setUp(UNREACHABLE);
    const event = { entity: 'PROMPT_TAG', action: 'SET' } as const;

    const { result } = await testWebhook(world, world.context(), webhookId, event);

    expect(result).toEqual({ success: false, error_message: 'Failed to test webhook: It is not there.' });
    expect(JSON.parse(world.received[0]!.body)).toMatchObject({ entity: 'prompt_tag', action: 'set' });
    const wrong = { entity: 'PROMPT', action: 'SET' } as const;
    await expect(testWebhook(world, world.context(), webhookId, wrong)).rejects.toThrow(
      "Invalid action 'set'",
    );
  });
});

describe('the delay before the next attempt', () => {
  it('grows, is spread by a quarter, and is never longer than two hours by request', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((made) => delayBeforeNext(made, 0));

    expect(delays).toEqual([2000, 10_000, 60_000, 300_000, 900_000, 3_600_000, 7_200_000, undefined]);
    expect(delayBeforeNext(1, 1)).toBe(2500);
    expect(delayBeforeNext(1, 0, 1e9)).toBe(7_200_000);
  });
});

describe('a message of the queue', () => {
  it('is an event from the bus or a delivery, and nothing else', async () => {
    const { event, request } = await setUp();
    const { source, detailType, before: _, after: __, ...detail } = event;
    const fromBus = { source, 'detail-type': detailType, detail: { ...detail, installation: 'perennial' } };

    expect(deliveryMessage.parse(fromBus)).toMatchObject({ kind: 'event', event: { detailType } });
    expect(deliveryMessage.parse(request)).toEqual({ kind: 'request', request });
    expect(deliveryMessage.safeParse({ tenant: 'acme' }).success).toBe(false);
  });
});
