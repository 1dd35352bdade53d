import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import type { Change, Item, Key, Page, PageRequest, Store } from '../../domain/shared/store.ts';
import { documents } from './client.ts';
import { decodeCursor, encodeCursor, unknownCursor } from './cursor.ts';
import { getItems } from './get-items.ts';
import { fromPrimaryKey, listKey, type PrimaryKey, partitionKey, toPrimaryKey } from './item-keys.ts';
import { commitChanges } from './transaction.ts';

export interface DynamoStoreOptions {
  readonly tableName: string;
  readonly client?: DynamoDBDocumentClient;
}

interface StoredItem extends PrimaryKey {
  readonly list?: string;
  readonly listSort?: string;
  readonly value: unknown;
  readonly revision: number;
}

/** Sorts after the root item's `#` and before every named part. */
const AFTER_ROOT = '$';

/** The platform's store on one DynamoDB table; docs/data-model.md lists the access patterns. */
export function createDynamoStore({ tableName, client = documents }: DynamoStoreOptions): Store {
  return {
    get: (key) => getItem(client, tableName, key),
    getMany: async <T>(keys: readonly Key[]) => {
      const found = await getItems(client, tableName, keys.map(toPrimaryKey));
      return found.filter((item) => !isExpired(item)).map((item) => toItem<T>(item as unknown as StoredItem));
    },
    listParts: (partition, prefix, page) => queryParts(client, tableName, partition, prefix, page),
    list: async <T>(tenant: string, list: string, page: PageRequest) =>
      (await queryList(client, tableName, listKey(tenant, list), page)) as Page<Item<T>>,
    listEvents: async (tenant, page) => {
      const events = await queryList(client, tableName, listKey(tenant, 'events'), page);
      return { ...events, items: events.items.map((item) => item.value as PlatformEvent) };
    },
    commit: (changes: readonly Change[]) => commitChanges(client, tableName, changes),
  };
}

async function getItem<T>(
  client: DynamoDBDocumentClient,
  tableName: string,
  key: Key,
): Promise<Item<T> | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: tableName, Key: toPrimaryKey(key), ConsistentRead: true }),
  );
  return Item === undefined || isExpired(Item) ? undefined : toItem<T>(Item as StoredItem);
}

/** DynamoDB removes expired items within days, not at once. */
function isExpired(item: Record<string, unknown>): boolean {
  return typeof item.expiresAt === 'number' && item.expiresAt * 1000 <= Date.now();
}

async function queryParts<T>(
  client: DynamoDBDocumentClient,
  tableName: string,
  partition: Omit<Key, 'part'>,
  prefix: string,
  page: PageRequest,
): Promise<Page<Item<T>>> {
  // Parts are letters, digits and '#', all below '~': the range holds what starts with the prefix.
  const from = page.from ?? (prefix || AFTER_ROOT);
  const to = page.to ?? `${prefix}~`;
  return query<T>(client, page, {
    TableName: tableName,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': partitionKey(partition), ':from': from, ':to': to },
  });
}

function queryList(
  client: DynamoDBDocumentClient,
  tableName: string,
  list: string,
  page: PageRequest,
): Promise<Page<Item<unknown>>> {
  const range = { ':from': page.from ?? ' ', ':to': page.to ?? '~' };
  return query(client, page, {
    TableName: tableName,
    IndexName: 'lists',
    KeyConditionExpression: '#list = :list AND listSort BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#list': 'list' },
    ExpressionAttributeValues: { ':list': list, ...range },
  });
}

async function query<T>(
  client: DynamoDBDocumentClient,
  page: PageRequest,
  input: QueryCommandInput,
): Promise<Page<Item<T>>> {
  const ExclusiveStartKey = page.cursor === undefined ? undefined : decodeCursor(page.cursor);
  const command = new QueryCommand({
    ...input,
    // One more than asked for tells whether the page is the last.
    Limit: page.limit + 1,
    ScanIndexForward: page.ascending ?? false,
    ExclusiveStartKey,
  });
  const { Items = [], LastEvaluatedKey } = await client.send(command).catch((error: unknown) => {
    // DynamoDB refuses a start key outside the queried partition: somebody else's cursor, or a made-up one.
    const foreign =
      error instanceof Error && error.name === 'ValidationException' && ExclusiveStartKey !== undefined;
    throw foreign ? unknownCursor(error) : error;
  });
  const kept = Items.slice(0, page.limit);
  const next = kept.length < Items.length ? keyOf(kept.at(-1) as StoredItem, input) : LastEvaluatedKey;
  return {
    items: kept.filter((item) => !isExpired(item)).map((item) => toItem<T>(item as StoredItem)),
    nextCursor: next === undefined ? null : encodeCursor(next),
  };
}

/** Where a query goes on after this item: its key, and the index's own when it reads one. */
function keyOf(
  { pk, sk, list, listSort }: StoredItem,
  { IndexName }: QueryCommandInput,
): Record<string, unknown> {
  return IndexName === undefined ? { pk, sk } : { pk, sk, list, listSort };
}

function toItem<T>(stored: StoredItem): Item<T> {
  return { key: fromPrimaryKey(stored), value: stored.value as T, revision: stored.revision };
}
