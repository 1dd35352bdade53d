import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Outbox, PendingEvent } from '../../domain/governance/ports.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import { documents } from './client.ts';
import { eventKey, type PrimaryKey } from './item-keys.ts';
import { PENDING_SHARDS } from './transaction.ts';

/** At most this many a sweep and shard: the next minute's sweep takes the rest. */
const SWEEP_LIMIT = 25;

/** The event items of the platform table; the sparse index `pending` holds those without the mark. */
export function makeOutbox(tableName: string, client: DynamoDBDocumentClient = documents): Outbox {
  return {
    markRelayed: async (event) => {
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: eventKey(event),
          UpdateExpression: 'REMOVE pendingShard, pendingSince',
          ConditionExpression: 'attribute_exists(pk)',
        }),
      );
    },
    listPending: async (beforeMs) => {
      const shards = Array.from({ length: PENDING_SHARDS }, (_, shard) => `pending#${shard}`);
      const keys = await Promise.all(shards.map((shard) => listKeys(client, tableName, shard, beforeMs)));
      const found = await Promise.all(keys.flat().map((key) => readPending(client, tableName, key)));
      return found.filter((event) => event !== undefined);
    },
  };
}

async function listKeys(
  client: DynamoDBDocumentClient,
  tableName: string,
  shard: string,
  beforeMs: number,
): Promise<PrimaryKey[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tableName,
      IndexName: 'pending',
      KeyConditionExpression: 'pendingShard = :shard AND pendingSince < :before',
      ExpressionAttributeValues: { ':shard': shard, ':before': new Date(beforeMs).toISOString() },
      Limit: SWEEP_LIMIT,
    }),
  );
  return Items.map(({ pk, sk }) => ({ pk, sk }));
}

/** What is no event was put aside by the stream's failure destination already: it must not stop the sweep. */
async function readPending(
  client: DynamoDBDocumentClient,
  tableName: string,
  key: PrimaryKey,
): Promise<PendingEvent | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
  );
  return Item !== undefined && isEvent(Item) ? toPendingEvent(Item) : undefined;
}

function isEvent({ value, salt }: Record<string, unknown>): boolean {
  const event = value as Partial<PlatformEvent> | undefined;
  return event?.eventId !== undefined && event.detailType !== undefined && typeof salt === 'string';
}

/** The event in a stream record's new image. */
export function fromStreamImage(image: Record<string, AttributeValue>): PendingEvent {
  return toPendingEvent(unmarshall(image));
}

/**
 * An event item, from the table or from the stream's image.
 *
 * @throws Error naming the item when it is something else
 */
export function toPendingEvent(item: Record<string, unknown>): PendingEvent {
  if (!isEvent(item)) throw new Error(`The item ${String(item.pk)} is no event.`);
  return { event: item.value as PlatformEvent, salt: item.salt as string };
}
