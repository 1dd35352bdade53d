import * as z from 'zod';
import { pageOf, pageQuery, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';
import {
  describeMlflowIssue,
  mlflowOptionalInteger,
  mlflowOptionalString,
  mlflowPaths,
  mlflowString,
} from '../shared/mlflow-shapes.ts';
import { ALL_WEBHOOK_ACTIONS, WEBHOOK_ENTITIES } from './webhooks/webhook-event.ts';

const error = describeMlflowIssue as z.core.$ZodErrorMap;

const event = z.object(
  { entity: z.enum(WEBHOOK_ENTITIES, { error }), action: z.enum(ALL_WEBHOOK_ACTIONS, { error }) },
  { error },
);
/** Clients write enumerations by name, as protobuf's JSON does; its numbers are taken, too. */
const status = z
  .union(
    [z.enum(['ACTIVE', 'DISABLED']), z.literal([1, 2]).transform((n) => (n === 1 ? 'ACTIVE' : 'DISABLED'))],
    {
      error,
    },
  )
  .nullish()
  .transform((value) => value ?? undefined);

/** MLflow's Webhook; its secret is written, never read. */
export const mlflowWebhook = z
  .object({
    webhook_id: z.string(),
    name: z.string(),
    description: z.string().optional(),
    url: z.string(),
    events: z.array(event),
    status: z.enum(['ACTIVE', 'DISABLED']),
    creation_timestamp: z.number(),
    last_updated_timestamp: z.number(),
  })
  .meta({ id: 'MlflowWebhook' });

export type MlflowWebhook = z.infer<typeof mlflowWebhook>;

const attempt = z.object({
  at: timestamp,
  durationMs: z.number(),
  responseStatus: z.number().int().nullable(),
  responseBody: z.string().nullable().meta({ description: 'The beginning of what was answered' }),
  error: z.string().nullable().meta({ description: 'Why it did not succeed, in words' }),
});

export const webhookDelivery = z
  .object({
    id: z.string().meta({ description: 'Sent as X-MLflow-Delivery-Id, the same at every attempt' }),
    webhookId: z.string(),
    eventId: z.string(),
    event: z.string().meta({ description: 'As model_version.created' }),
    resource: z.string(),
    status: z.enum(['PENDING', 'DELIVERED', 'FAILED']),
    responseStatus: z.number().int().nullable().meta({ description: 'Of the last attempt' }),
    error: z.string().nullable().meta({ description: 'Of the last attempt' }),
    attempts: z.array(attempt),
    nextAttemptAt: timestamp.nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'WebhookDelivery' });

export type WebhookDeliveryView = z.infer<typeof webhookDelivery>;

const webhook = z.object({ webhook: mlflowWebhook });
const byId = z.object({ webhook_id: z.string() });
/** An address may hold a receiver's own secret (chat services do), so that reading one takes the role, too. */
const common = { role: 'operator', surface: 'mlflow', status: 200 } as const;
const events = z.array(event, { error });
const fields = {
  description: mlflowOptionalString,
  secret: mlflowOptionalString,
  status,
};

/** Detail types of the platform bus that are an event of MLflow's webhooks: the delivery's rule names them. */
export const WEBHOOK_DETAIL_TYPES = [
  'ModelCreated',
  'ModelVersionSubmitted',
  'ModelTagSet',
  'ModelTagDeleted',
  'ModelVersionTagSet',
  'ModelVersionTagDeleted',
  'ModelAliasChanged',
] as const;

/** MLflow's webhooks, REST 2.0, and the record of what was delivered. */
export const webhookRoutes = {
  createWebhook: defineRoute('createWebhook', {
    ...{ ...common, ...mlflowPaths('webhooks'), method: 'POST' },
    summary: 'MLflow: creates a webhook',
    body: z.looseObject({ name: mlflowString, url: mlflowString, events, ...fields }),
    response: webhook,
  }),
  listWebhooks: defineRoute('listWebhooks', {
    ...{ ...common, ...mlflowPaths('webhooks'), method: 'GET' },
    summary: 'MLflow: lists webhooks, newest first',
    query: z.looseObject({ max_results: mlflowOptionalInteger, page_token: mlflowOptionalString }),
    response: z.object({
      webhooks: z.array(mlflowWebhook).optional(),
      next_page_token: z.string().optional(),
    }),
  }),
  getWebhook: defineRoute('getWebhook', {
    ...{ ...common, ...mlflowPaths('webhooks/{webhook_id}'), method: 'GET' },
    summary: 'MLflow: one webhook',
    params: byId,
    response: webhook,
  }),
  updateWebhook: defineRoute('updateWebhook', {
    ...{ ...common, ...mlflowPaths('webhooks/{webhook_id}'), method: 'PATCH' },
    summary: 'MLflow: changes a webhook; an empty secret ends signing',
    params: byId,
    body: z.looseObject({
      name: mlflowOptionalString,
      url: mlflowOptionalString,
      events: events.nullish().transform((value) => value ?? undefined),
      ...fields,
    }),
    response: webhook,
  }),
  deleteWebhook: defineRoute('deleteWebhook', {
    ...{ ...common, ...mlflowPaths('webhooks/{webhook_id}'), method: 'DELETE' },
    summary: 'MLflow: deletes a webhook',
    params: byId,
    body: z.looseObject({}),
    response: z.object({}),
  }),
  testWebhook: defineRoute('testWebhook', {
    ...{ ...common, ...mlflowPaths('webhooks/{webhook_id}/test'), method: 'POST' },
    summary: 'MLflow: sends an example payload once and tells what was answered',
    params: byId,
    body: z.looseObject({ event: event.nullish().transform((value) => value ?? undefined) }),
    response: z.object({
      result: z.object({
        success: z.boolean(),
        response_status: z.number().int().optional(),
        response_body: z.string().optional(),
        error_message: z.string().optional(),
      }),
    }),
  }),
  listWebhookDeliveries: defineRoute('listWebhookDeliveries', {
    method: 'GET',
    path: '/api/v1/webhooks/{id}/deliveries',
    role: 'operator',
    summary: 'What was sent to a webhook and what it answered, newest first; kept for 30 days',
    params: z.object({ id: z.string() }),
    query: pageQuery,
    response: pageOf(webhookDelivery),
  }),
} as const;
