import { describe, expect, it } from 'vitest';
import {
  deleteWebhook,
  getWebhook,
  listWebhooks,
  updateWebhook,
} from '../../../../../domain/registry/webhooks/manage-webhooks.ts';
import { findWebhook } from '../../../../../domain/registry/webhooks/webhook-records.ts';
import { makeTestContext, NOON_MS } from '../../../../support/call-context.ts';
import { WebhookWorld } from '../../../../support/webhook-world.ts';

const context = makeTestContext();
const created = { entity: 'REGISTERED_MODEL', action: 'CREATED' } as const;
const tagSet = { entity: 'MODEL_VERSION_TAG', action: 'SET' } as const;

describe('a webhook', () => {
  it('is created active, with its events once each in order, and without its secret in the answer', async () => {
    const world = new WebhookWorld();
    const id = await world.webhook({ events: [created, tagSet, created], secret: 'my-secret' });

    const answer = await getWebhook(world.store, context, id);

    expect(answer).toEqual({
      webhook: {
        webhook_id: id,
        name: 'hook',
        url: 'https://hooks.example.com/in',
        events: [tagSet, created],
        status: 'ACTIVE',
        creation_timestamp: NOON_MS,
        last_updated_timestamp: NOON_MS,
      },
    });
  });

  it('keeps its secret sealed, and says in the audit only that there is one', async () => {
    const world = new WebhookWorld();

    const id = await world.webhook({ secret: 'my-secret' });
    await updateWebhook(world, context, id, { secret: 'other-secret' });
    await updateWebhook(world, context, id, { secret: '' });

    const stored = await findWebhook(world.store, 'acme', id);
    expect(stored?.value.sealedSecret).toBeUndefined();
    expect(JSON.stringify(world.store.events)).not.toMatch(/my-secret|terces|other-secret/);
    expect(world.store.events.map(({ detailType, after }) => [detailType, after?.secret])).toEqual([
      ['WebhookCreated', 'kept'],
      ['WebhookUpdated', 'given anew'],
      ['WebhookUpdated', 'none'],
    ]);
  });

  it('changes what is given; empty text changes a description only', async () => {
    const world = new WebhookWorld();
    const id = await world.webhook({ description: 'old' });
    const later = makeTestContext({ nowMs: NOON_MS + 1000 });

    const patch = { name: '', url: '', events: [], description: '', status: 'DISABLED' } as const;
    const { webhook } = await updateWebhook(world, later, id, patch);

    expect(webhook).toMatchObject({ name: 'hook', events: [created], status: 'DISABLED' });
    expect(webhook.description).toBeUndefined();
    expect(webhook.last_updated_timestamp).toBe(NOON_MS + 1000);
  });

  it('is gone after deletion, and is nobody else’s to see or to delete', async () => {
    const world = new WebhookWorld();
    const id = await world.webhook();
    const stranger = makeTestContext({ tenant: 'other' });
    const notFound = `Webhook with ID ${id} not found.`;

    await expect(getWebhook(world.store, stranger, id)).rejects.toThrow(notFound);
    await expect(deleteWebhook(world.store, stranger, id)).rejects.toThrow(notFound);
    await deleteWebhook(world.store, context, id);

    await expect(getWebhook(world.store, context, id)).rejects.toMatchObject({ status: 404 });
    await expect(updateWebhook(world, context, id, { name: 'x' })).rejects.toThrow(notFound);
  });

  it.each([
    ['name', { name: 'a b' }, "Webhook name 'a b' is invalid."],
    ['quoted name', { name: "it's" }, 'Webhook name "it\'s" is invalid.'],
    ['long name', { name: 'x'.repeat(64) }, 'be less than 63 characters long'],
    ['blank url', { url: '   ' }, "Webhook URL cannot be empty or just whitespace: '   '"],
    ['scheme', { url: 'ftp://x' }, "Invalid webhook URL scheme: 'ftp'. Allowed schemes are: https."],
    ['plain http', { url: 'http://x' }, "Invalid webhook URL scheme: 'http'. Allowed schemes are: https."],
    ['no scheme', { url: 'nonsense' }, "Invalid webhook URL scheme: ''. Allowed schemes are: https."],
    ['half bracket', { url: 'http://[x' }, "Invalid webhook URL 'http://[x': ValueError('Invalid IPv6 URL')"],
    ['no host', { url: 'https:///x' }, "Webhook URL must include a hostname: 'https:///x'"],
    ['no host', { url: 'https:\\\\10.0.0.1' }, 'Webhook URL must include a hostname'],
    ['port', { url: 'https://x:99999' }, "Invalid webhook URL 'https://x:99999'"],
    ['credentials', { url: 'https://me:pw@x' }, 'must not include credentials'],
    [
      'private host',
      { url: 'https://db.internal/x' },
      "Webhook URL must not resolve to a non-public IP address. 'db.internal' resolves to 10.0.0.1.",
    ],
    [
      'action',
      { events: [{ entity: 'MODEL_VERSION_TAG', action: 'CREATED' }] as const },
      "Invalid action 'created' for entity 'model_version_tag'. Valid actions are: ['deleted', 'set']",
    ],
    ['secret', { secret: 'x'.repeat(1001) }, 'maximum length of 1000'],
  ])('is refused for its %s, made or changed', async (_, input, message) => {
    const world = new WebhookWorld();
    const id = await world.webhook();

    await expect(world.webhook(input)).rejects.toThrow(message);
    await expect(updateWebhook(world, context, id, input)).rejects.toThrow(message);
  });

  it('needs an event, and a place among a hundred', async () => {
    const world = new WebhookWorld();

    await expect(world.webhook({ events: [] })).rejects.toThrow('must be a non-empty list');
    for (let count = 0; count < 100; count++) await world.webhook();
    await expect(world.webhook()).rejects.toThrow('can have 100 webhooks');
  });
});

describe('listWebhooks', () => {
  it('gives pages, the newest first, and no token with the last', async () => {
    const world = new WebhookWorld();
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.unshift(await world.webhook());

    const first = await listWebhooks(world.store, context, { max_results: 2 });
    const last = await listWebhooks(world.store, context, {
      max_results: 2,
      page_token: first.next_page_token,
    });

    const found = [first, last].flatMap(({ webhooks = [] }) => webhooks.map((each) => each.webhook_id));
    expect(found).toEqual(ids);
    expect(last.next_page_token).toBeUndefined();
  });

  it('answers nothing when there is nothing', async () => {
    expect(await listWebhooks(new WebhookWorld().store, context, { max_results: 0 })).toEqual({});
  });

  it.each([-1, 1001])('refuses %i results a page', async (max_results) => {
    await expect(listWebhooks(new WebhookWorld().store, context, { max_results })).rejects.toThrow(
      'max_results must be between 1 and 1000.',
    );
  });
});
