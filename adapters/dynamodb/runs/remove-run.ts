import { BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { historyPartition } from './history-items.ts';
import { runKey } from './run-items.ts';
import type { TrackingTables } from './run-store.ts';

interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** BatchWriteItem takes 25. */
const KEYS_PER_WRITE = 25;

/** Removes a run for good: its history first, so that a removal that breaks off is found and ended later. */
export async function removeRun(tables: TrackingTables, tenant: string, runId: string): Promise<void> {
  const key = runKey(tenant, runId);
  if (key === undefined) return;
  await removeAll(tables, 'pk = :pk', { ':pk': historyPartition(tenant, runId) });
  await removeAll(tables, 'pk = :pk AND begins_with(sk, :sk)', { ':pk': key.pk, ':sk': key.sk });
}

async function removeAll(
  { client, tracking }: TrackingTables,
  KeyConditionExpression: string,
  ExpressionAttributeValues: Record<string, string>,
): Promise<void> {
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tracking,
        KeyConditionExpression,
        ExpressionAttributeValues,
        ProjectionExpression: 'pk, sk',
        ConsistentRead: true,
      }),
    );
    for (let start = 0; start < Items.length; start += KEYS_PER_WRITE) {
      await removeKeys({ client, tracking }, Items.slice(start, start + KEYS_PER_WRITE) as ItemKey[]);
    }
    // What was read is gone, so the next query begins with what is left.
    if (LastEvaluatedKey === undefined) return;
  }
}

async function removeKeys(
  { client, tracking }: Pick<TrackingTables, 'client' | 'tracking'>,
  keys: readonly ItemKey[],
): Promise<void> {
  let requests: { DeleteRequest: { Key: Record<string, unknown> } }[] = keys.map(({ pk, sk }) => ({
    DeleteRequest: { Key: { pk, sk } },
  }));
  while (requests.length > 0) {
    const answer = await client.send(new BatchWriteCommand({ RequestItems: { [tracking]: requests } }));
    requests = (answer.UnprocessedItems?.[tracking] ?? []) as typeof requests;
  }
}
