import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { SCHEMA_VERSION } from '../../../domain/shared/version.ts';
import type { HistoryPart, RunWrite } from '../../../domain/tracking/ports.ts';
import { packChunk, unpackChunk } from './run-codec.ts';
import type { TrackingTables } from './run-store.ts';

/** A chunk of a run's history: points of any of its metrics. */
export interface HistoryItem {
  readonly pk: string;
  readonly sk: string;
  readonly schemaVersion: number;
  readonly points: Uint8Array;
}

/** 2^52 in hexadecimal has 14 digits. */
const TIME_DIGITS = 14;
const MAX_TIME = 2 ** 52;

export function historyPartition(tenant: string, runId: string): string {
  return `${tenant}#run-metrics#${runId}`;
}

/** Chunks sort by their earliest point, so that a page of history needs no chunk behind its end. */
export function toHistoryItem(
  tenant: string,
  runId: string,
  { id, points }: NonNullable<RunWrite['chunk']>,
): HistoryItem {
  const earliest = points.reduce((least, { timestamp }) => Math.min(least, timestamp), MAX_TIME);
  return {
    pk: historyPartition(tenant, runId),
    sk: `${formatTime(earliest)}#${id}`,
    schemaVersion: SCHEMA_VERSION,
    points: packChunk(points),
  };
}

/** The chunks of a run, a query a MB; only one query's are in memory. */
export async function* readHistory(
  { client, tracking }: TrackingTables,
  tenant: string,
  runId: string,
  key: string,
): AsyncGenerator<HistoryPart> {
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tracking,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': historyPartition(tenant, runId) },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    for (const { sk, points } of Items as HistoryItem[]) {
      yield { fromTimestamp: parseTime(sk), points: unpackChunk(points, key) };
    }
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}

function formatTime(timestamp: number): string {
  return Math.min(Math.max(Math.trunc(timestamp), 0), MAX_TIME)
    .toString(16)
    .padStart(TIME_DIGITS, '0');
}

function parseTime(sortKey: string): number {
  return Number.parseInt(sortKey.slice(0, TIME_DIGITS), 16);
}
