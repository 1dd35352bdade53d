import { type CallContext, isoTime } from '../../shared/call-context.ts';
import { InvalidInputError } from '../../shared/domain-error.ts';
import { makeEvent } from '../../shared/event.ts';
import { toPythonText } from '../../shared/mlflow-names.ts';
import type { Put, Store } from '../../shared/store.ts';
import { committed, retryWhenConcurrent } from '../commit-changes.ts';
import { WebhookCreated, WebhookDeleted, WebhookUpdated } from '../events.ts';
import type { MlflowWebhook } from '../webhook-contract.ts';
import type { ReceiverNetwork, SecretBox } from './ports.ts';
import { checkReceiverUrl } from './receiver-url.ts';
import { checkWebhookEvent, sortWebhookEvents, type WebhookEvent } from './webhook-event.ts';
import {
  eachWebhook,
  getWebhookItem,
  pageOfWebhooks,
  secretOwner,
  toMlflowWebhook,
  type WebhookItem,
  type WebhookRecord,
  type WebhookStatus,
  webhookKey,
} from './webhook-records.ts';

export interface WebhookDeps {
  readonly store: Store;
  readonly secrets: SecretBox;
  readonly network: ReceiverNetwork;
}

export interface WebhookInput {
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly description?: string | undefined;
  readonly secret?: string | undefined;
  readonly status?: WebhookStatus | undefined;
}

export type WebhookPatch = { readonly [K in keyof WebhookInput]?: WebhookInput[K] | undefined };

type Answered = Promise<{ readonly webhook: MlflowWebhook }>;

/** Every event of the tenant reads its webhooks and calls each that asked for it. */
const MOST_WEBHOOKS = 100;
/** HMAC-SHA256 gains nothing from keys above 64 bytes. */
const MOST_SECRET = 1000;
const NAME = /^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

/** @throws InvalidInputError, in MLflow's words */
export async function createWebhook(deps: WebhookDeps, context: CallContext, input: WebhookInput): Answered {
  for (const event of input.events) checkWebhookEvent(event);
  await checkFields(deps, input);
  if (input.events.length === 0) {
    throw new InvalidInputError('Webhook events must be a non-empty list of WebhookEvent objects: [].');
  }
  await refuseTooMany(deps.store, context.tenant);
  const id = context.newId('whk');
  const now = isoTime(context);
  const value: WebhookRecord = {
    id,
    name: input.name,
    description: input.description ?? '',
    url: input.url,
    events: sortWebhookEvents(input.events),
    status: input.status ?? 'ACTIVE',
    ...(await seal(deps, context.tenant, id, input.secret)),
    createdAt: now,
    createdBy: context.actor,
    updatedAt: now,
  };
  const put = { put: webhookKey(context.tenant, id), value, expect: 'absent' } as const;
  const event = makeEvent(WebhookCreated, context, {
    resource: `webhooks/${id}`,
    sequence: 1,
    data: { webhook: id },
    after: toAudited(value),
  });
  await deps.store.commit([put, { emit: event }]);
  return { webhook: toMlflowWebhook(committed<WebhookRecord>(put)) };
}

export async function getWebhook(store: Store, context: CallContext, id: string): Answered {
  return { webhook: toMlflowWebhook(await getWebhookItem(store, context.tenant, id)) };
}

/** @throws InvalidInputError, in MLflow's words */
export async function listWebhooks(
  store: Store,
  context: CallContext,
  query: { readonly max_results?: number | undefined; readonly page_token?: string | undefined },
): Promise<{ readonly webhooks?: readonly MlflowWebhook[]; readonly next_page_token?: string }> {
  const limit = query.max_results || 100;
  if (limit < 1 || limit > 1000) throw new InvalidInputError('max_results must be between 1 and 1000.');
  const page = await pageOfWebhooks(store, context.tenant, { limit, cursor: query.page_token || undefined });
  return {
    ...(page.items.length === 0 ? {} : { webhooks: page.items.map(toMlflowWebhook) }),
    ...(page.nextCursor === null ? {} : { next_page_token: page.nextCursor }),
  };
}

/**
 * Changes what is given; as in MLflow an empty name, url or list of events is as good as none, while an empty
 * description or secret takes it away.
 *
 * @throws WebhookNotFoundError, InvalidInputError
 */
export async function updateWebhook(
  deps: WebhookDeps,
  context: CallContext,
  id: string,
  patch: WebhookPatch,
): Answered {
  const changes = await toChanges(deps, context.tenant, id, patch);
  return retryWhenConcurrent(async () => {
    const item = await getWebhookItem(deps.store, context.tenant, id);
    const value = { ...item.value, ...changes, updatedAt: isoTime(context) };
    const put: Put<WebhookRecord> = { put: item.key, value, expect: item.revision };
    const event = makeEvent(WebhookUpdated, context, {
      resource: `webhooks/${id}`,
      sequence: item.revision + 1,
      data: { webhook: id },
      before: toAudited(item.value),
      after: toAudited(value, patch.secret !== undefined),
    });
    await deps.store.commit([put, { emit: event }]);
    return { webhook: toMlflowWebhook(committed(put)) };
  });
}

/** Deliveries that wait for another attempt end as FAILED. @throws WebhookNotFoundError */
export async function deleteWebhook(store: Store, context: CallContext, id: string): Promise<void> {
  await retryWhenConcurrent(async () => {
    const item: WebhookItem = await getWebhookItem(store, context.tenant, id);
    const event = makeEvent(WebhookDeleted, context, {
      resource: `webhooks/${id}`,
      sequence: item.revision + 1,
      data: { webhook: id },
      before: toAudited(item.value),
    });
    await store.commit([{ remove: item.key, expect: item.revision }, { emit: event }]);
  });
}

async function toChanges(deps: WebhookDeps, tenant: string, id: string, patch: WebhookPatch) {
  const { name, url, events, description, secret, status } = patch;
  for (const event of events ?? []) checkWebhookEvent(event);
  await getWebhookItem(deps.store, tenant, id);
  await checkFields(deps, patch);
  return {
    ...(name ? { name } : {}),
    ...(url ? { url } : {}),
    ...(events?.length ? { events: sortWebhookEvents(events) } : {}),
    ...(description === undefined ? {} : { description }),
    ...(secret === undefined ? {} : { sealedSecret: undefined, ...(await seal(deps, tenant, id, secret)) }),
    ...(status === undefined ? {} : { status }),
  };
}

/** What is given, in the order in which MLflow looks at it. */
async function checkFields(deps: WebhookDeps, input: WebhookPatch): Promise<void> {
  const { name, url, secret = '' } = input;
  if (name && !NAME.test(name)) {
    throw new InvalidInputError(
      `Webhook name ${toPythonText(name)} is invalid. It must start and end with a letter or digit, be less than 63 ` +
        'characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).',
    );
  }
  if (url) await checkReceiverUrl(deps.network, url);
  if (secret.length > MOST_SECRET) {
    throw new InvalidInputError(`Webhook secret exceeds the maximum length of ${MOST_SECRET} characters.`);
  }
}

async function refuseTooMany(store: Store, tenant: string): Promise<void> {
  let count = 0;
  for await (const _ of eachWebhook(store, tenant)) count += 1;
  if (count < MOST_WEBHOOKS) return;
  throw new InvalidInputError(`A tenant can have ${MOST_WEBHOOKS} webhooks; delete one that is not needed.`);
}

async function seal(
  { secrets }: WebhookDeps,
  tenant: string,
  id: string,
  secret: string | undefined,
): Promise<{ readonly sealedSecret?: string }> {
  return secret ? { sealedSecret: await secrets.seal(secret, secretOwner(tenant, id)) } : {};
}

/** What the audit compares: whether there is a secret, and whether it was given anew, never which. */
function toAudited(record: WebhookRecord, secretGiven = false) {
  const { name, description, url, events, status, sealedSecret } = record;
  const secret = sealedSecret === undefined ? 'none' : secretGiven ? 'given anew' : 'kept';
  return { name, description, url, events, status, secret };
}
