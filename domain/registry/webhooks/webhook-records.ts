import { InvalidInputError } from '../../shared/domain-error.ts';
import type { Item, Key, Page, PageRequest, Store } from '../../shared/store.ts';
import { WebhookNotFoundError } from '../errors.ts';
import type { MlflowWebhook } from '../webhook-contract.ts';
import type { WebhookEvent } from './webhook-event.ts';

export type WebhookStatus = 'ACTIVE' | 'DISABLED';

export interface WebhookRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly status: WebhookStatus;
  /** Absent: deliveries are not signed. */
  readonly sealedSecret?: string | undefined;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

export type WebhookItem = Item<WebhookRecord>;

/** A tenant's webhooks are one partition: an event reads all of them at once, consistently. */
const PARTITION = { kind: 'webhook', id: 'all' } as const;
const PREFIX = 'webhook#';
const PAGE = 100;

export function webhookKey(tenant: string, id: string): Key {
  return { tenant, ...PARTITION, part: `${PREFIX}${id}` };
}

/** What a secret is bound to. */
export function secretOwner(tenant: string, webhookId: string): string {
  return `${tenant}/${webhookId}`;
}

export function findWebhook(store: Store, tenant: string, id: string): Promise<WebhookItem | undefined> {
  return store.get<WebhookRecord>(webhookKey(tenant, id));
}

/** @throws WebhookNotFoundError */
export async function getWebhookItem(store: Store, tenant: string, id: string): Promise<WebhookItem> {
  const item = await findWebhook(store, tenant, id);
  if (item === undefined) throw new WebhookNotFoundError(id);
  return item;
}

/** Newest first. @throws InvalidInputError, in MLflow's words, for a page token that is none */
export async function pageOfWebhooks(
  store: Store,
  tenant: string,
  page: PageRequest,
): Promise<Page<WebhookItem>> {
  try {
    return await store.listParts<WebhookRecord>({ tenant, ...PARTITION }, PREFIX, page);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new InvalidInputError('Invalid page token, could not base64-decode', [], { cause });
  }
}

export async function* eachWebhook(store: Store, tenant: string): AsyncGenerator<WebhookItem> {
  let cursor: string | undefined;
  do {
    const page = await pageOfWebhooks(store, tenant, { limit: PAGE, cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** In MLflow's form, which has no secret. */
export function toMlflowWebhook({ value }: WebhookItem): MlflowWebhook {
  const { id, name, description, url, events, status, createdAt, updatedAt } = value;
  return {
    webhook_id: id,
    name,
    ...(description === '' ? {} : { description }),
    url,
    events: [...events],
    status,
    creation_timestamp: Date.parse(createdAt),
    last_updated_timestamp: Date.parse(updatedAt),
  };
}
