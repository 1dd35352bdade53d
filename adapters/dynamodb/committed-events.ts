import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { CommittedEvents } from '../../domain/registry/webhooks/ports.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import { documents } from './client.ts';
import { eventKey } from './item-keys.ts';

/** The event items of the platform table, by tenant and id. */
export function createCommittedEvents(
  tableName: string,
  client: DynamoDBDocumentClient = documents,
): CommittedEvents {
  return {
    find: async (tenant, eventId) => {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: eventKey({ tenant, eventId }), ConsistentRead: true }),
      );
      return Item?.value as PlatformEvent | undefined;
    },
  };
}
