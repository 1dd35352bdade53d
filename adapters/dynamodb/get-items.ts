import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { PrimaryKey } from './item-keys.ts';

/** DynamoDB takes at most a hundred keys a call. */
const KEYS_PER_CALL = 100;
/** Calls at a time: a thousand items are one round trip. */
const PARALLEL_CALLS = 10;
/** What DynamoDB leaves out, beyond 16 MB or when it is throttled, is asked for again this often. */
const ATTEMPTS = 8;
const FIRST_WAIT_MS = 25;

/** The items that exist, consistently read, in the order of their keys. */
export async function getItems(
  client: DynamoDBDocumentClient,
  tableName: string,
  keys: readonly PrimaryKey[],
): Promise<readonly Record<string, unknown>[]> {
  const found = new Map<string, Record<string, unknown>>();
  const unique = [...new Map(keys.map((key) => [textOf(key), key])).values()];
  const batches = Array.from({ length: Math.ceil(unique.length / KEYS_PER_CALL) }, (_, at) =>
    unique.slice(at * KEYS_PER_CALL, (at + 1) * KEYS_PER_CALL),
  );
  for (let at = 0; at < batches.length; at += PARALLEL_CALLS) {
    const answers = await Promise.all(
      batches.slice(at, at + PARALLEL_CALLS).map((batch) => getBatch(client, tableName, batch)),
    );
    for (const item of answers.flat()) found.set(textOf(item as unknown as PrimaryKey), item);
  }
  return keys.map((key) => found.get(textOf(key))).filter((item) => item !== undefined);
}

function textOf({ pk, sk }: PrimaryKey): string {
  return `${pk}\n${sk}`;
}

async function getBatch(
  client: DynamoDBDocumentClient,
  tableName: string,
  keys: readonly PrimaryKey[],
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let left: Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }));
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt > 0) await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
    );
    items.push(...(Responses?.[tableName] ?? []));
    left = UnprocessedKeys?.[tableName]?.Keys ?? [];
    if (left.length > 0 && attempt + 1 === ATTEMPTS)
      throw new Error(`DynamoDB left ${left.length} of ${keys.length} items unread after ${ATTEMPTS} calls.`);
  }
  return items;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
