import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { SharedBucket } from '../../domain/shared/token-bucket.ts';
import { SCHEMA_VERSION } from '../../domain/shared/version.ts';
import { documents } from './client.ts';
import { toPrimaryKey } from './item-keys.ts';

/** A bucket that nobody took from for an hour is full, and may go. */
const FORGET_SECONDS = 3600;

/**
 * A token bucket as one number: the time at which it will be full again (the generic cell rate algorithm,
 * https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm). Taking tokens moves that time; it may lie at most
 * a burst ahead. So that no read is needed, it is one conditional write, or two while the bucket is not full.
 */
export function createSharedBucket(
  tableName: string,
  client: DynamoDBDocumentClient = documents,
): SharedBucket {
  return {
    take: async (tenant, tokens, { requestsPerSecond, burst }, nowMs) => {
      const costMs = (tokens / requestsPerSecond) * 1000;
      const windowMs = (burst / requestsPerSecond) * 1000;
      const update = (input: Partial<UpdateCommandInput>) =>
        updateBucket(client, tableName, tenant, nowMs, { ...input });
      const full = await update({
        UpdateExpression: 'SET fullAtMs = :next, expiresAt = :expires, schemaVersion = :version',
        ConditionExpression: 'attribute_not_exists(fullAtMs) OR fullAtMs <= :now',
        ExpressionAttributeValues: { ':next': nowMs + costMs, ':now': nowMs },
      });
      if (full === undefined) return { tokens };
      const partly = await update({
        UpdateExpression: 'SET fullAtMs = fullAtMs + :cost, expiresAt = :expires, schemaVersion = :version',
        ConditionExpression: 'fullAtMs <= :latest',
        ExpressionAttributeValues: { ':cost': costMs, ':latest': nowMs + windowMs - costMs },
      });
      return partly === undefined
        ? { tokens }
        : { waitMs: Math.max(1, partly - (nowMs + windowMs - costMs)) };
    },
  };
}

/** Undefined when the update was made, else the time at which the bucket will be full. */
async function updateBucket(
  client: DynamoDBDocumentClient,
  TableName: string,
  tenant: string,
  nowMs: number,
  input: Partial<UpdateCommandInput>,
): Promise<number | undefined> {
  try {
    await client.send(
      new UpdateCommand({
        TableName,
        Key: toPrimaryKey({ tenant, kind: 'rate', id: 'api' }),
        ...input,
        ExpressionAttributeValues: {
          ...input.ExpressionAttributeValues,
          ':expires': Math.ceil(nowMs / 1000) + FORGET_SECONDS,
          ':version': SCHEMA_VERSION,
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return Number(error.Item?.fullAtMs?.N ?? nowMs);
  }
}
