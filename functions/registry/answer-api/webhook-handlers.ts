import type { Handlers } from '../../../adapters/lambda/api.ts';
import type { webhookRoutes } from '../../../domain/registry/webhook-contract.ts';
import { listDeliveries } from '../../../domain/registry/webhooks/delivery-records.ts';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  updateWebhook,
  type WebhookDeps,
} from '../../../domain/registry/webhooks/manage-webhooks.ts';
import { testWebhook } from '../../../domain/registry/webhooks/test-webhook.ts';

/** MLflow's webhooks, and what was delivered to them. */
export function makeWebhookHandlers(deps: WebhookDeps): Handlers<typeof webhookRoutes> {
  const { store } = deps;
  return {
    createWebhook: async ({ context, body }) => ({ body: await createWebhook(deps, context, body) }),
    listWebhooks: async ({ context, query }) => ({ body: await listWebhooks(store, context, query) }),
    getWebhook: async ({ context, params }) => ({
      body: await getWebhook(store, context, params.webhook_id),
    }),
    updateWebhook: async ({ context, params, body }) => ({
      body: await updateWebhook(deps, context, params.webhook_id, body),
    }),
    deleteWebhook: async ({ context, params }) => {
      await deleteWebhook(store, context, params.webhook_id);
      return {};
    },
    testWebhook: async ({ context, params, body }) => ({
      body: await testWebhook(deps, context, params.webhook_id, body.event),
    }),
    listWebhookDeliveries: async ({ context, params, query }) => ({
      body: await listDeliveries(store, context.tenant, params.id, query),
    }),
  };
}
