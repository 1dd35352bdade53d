import { randomBytes } from 'node:crypto';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { AlreadyExistsError, ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import { type Change, formatKey, type Key, type Put } from '../../domain/shared/store.ts';
import { SCHEMA_VERSION } from '../../domain/shared/version.ts';
import { eventKey, listKey, toPrimaryKey } from './item-keys.ts';
import { withStorableNumbers } from './numbers.ts';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** The sweeper looks for unmarked events per shard; four keep a busy installation below one partition's limit. */
export const PENDING_SHARDS = 4;

/** Writes all changes in one DynamoDB transaction and tells which item was in the way. */
export async function commitChanges(
  client: DynamoDBDocumentClient,
  tableName: string,
  changes: readonly Change[],
): Promise<void> {
  const TransactItems = changes.map((change) => toTransactItem(tableName, change));
  try {
    await client.send(new TransactWriteCommand({ TransactItems }));
  } catch (error) {
    throw translate(error, changes);
  }
}

/** One change as a part of a transaction. */
export function toTransactItem(tableName: string, change: Change): TransactItem {
  if ('emit' in change) return { Put: { TableName: tableName, Item: toEventItem(change.emit) } };
  const condition = toCondition(change.expect);
  if ('put' in change) return { Put: { TableName: tableName, Item: toStoredItem(change), ...condition } };
  if ('remove' in change)
    return { Delete: { TableName: tableName, Key: toPrimaryKey(change.remove), ...condition } };
  return { ConditionCheck: { TableName: tableName, Key: toPrimaryKey(change.check), ...condition } };
}

function toStoredItem({ put, value, expect, placement, expiresAtMs }: Put): Record<string, unknown> {
  return {
    ...toPrimaryKey(put),
    schemaVersion: SCHEMA_VERSION,
    revision: expect === 'absent' ? 1 : expect + 1,
    value: withStorableNumbers(value),
    list: placement && listKey(put.tenant, placement.list),
    listSort: placement && `${placement.sort}#${put.id}${put.part ? `#${put.part}` : ''}`,
    expiresAt: expiresAtMs && Math.ceil(expiresAtMs / 1000),
  };
}

/** An event as the platform table keeps it until and after it was relayed. */
export function toEventItem(event: PlatformEvent): Record<string, unknown> {
  const last = event.eventId.charCodeAt(event.eventId.length - 1);
  return {
    ...eventKey(event),
    schemaVersion: SCHEMA_VERSION,
    revision: 1,
    value: withStorableNumbers(event),
    list: listKey(event.tenant, 'events'),
    listSort: `${event.occurredAt}#${event.eventId}`,
    // Leaves with the item: without it the audit's digests of values cannot be guessed (design 3.11).
    salt: randomBytes(16).toString('hex'),
    pendingShard: `pending#${last % PENDING_SHARDS}`,
    pendingSince: event.occurredAt,
  };
}

function toCondition(expect: 'absent' | number) {
  if (expect === 'absent') return { ConditionExpression: 'attribute_not_exists(pk)' };
  return { ConditionExpression: 'revision = :expected', ExpressionAttributeValues: { ':expected': expect } };
}

function translate(error: unknown, changes: readonly Change[]): unknown {
  if (!(error instanceof TransactionCanceledException)) return error;
  const reasons = error.CancellationReasons ?? [];
  const failed = reasons.findIndex((reason) => reason.Code === 'ConditionalCheckFailed');
  const change = changes[failed];
  if (change !== undefined && !('emit' in change)) return conditionFailed(change, error);
  if (reasons.some((reason) => reason.Code === 'TransactionConflict')) {
    return new ConcurrentChangeError('Somebody else is changing the same thing; try again.', {
      cause: error,
    });
  }
  return error;
}

function conditionFailed(change: Exclude<Change, { emit: PlatformEvent }>, cause: unknown): Error {
  const key: Key = 'put' in change ? change.put : 'remove' in change ? change.remove : change.check;
  if (change.expect === 'absent') {
    return new AlreadyExistsError(key.kind, key.part ?? key.id, { cause, details: { key } });
  }
  return new ConcurrentChangeError(`${formatKey(key)} was changed meanwhile.`, { cause, details: { key } });
}
