import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { AlreadyExistsError, ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import type { Page } from '../../domain/shared/store.ts';
import { SCHEMA_VERSION } from '../../domain/shared/version.ts';
import type { RunPage, RunStore } from '../../domain/tracking/ports.ts';
import { type MetricPoint, parseRunId, type Run, type StoredRun } from '../../domain/tracking/run.ts';
import { documents } from './client.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { packPoints, unpackPoints } from './metric-chunk.ts';
import { toEventItem } from './transaction.ts';

export interface RunStoreOptions {
  /** Runs and metrics; no stream. */
  readonly trackingTableName: string;
  /** Takes the event of a finished run in the same transaction. */
  readonly platformTableName: string;
  readonly client?: DynamoDBDocumentClient;
}

interface Tables {
  readonly client: DynamoDBDocumentClient;
  readonly tracking: string;
  readonly platform: string;
}

const MAX_TIME = 2 ** 48 - 1;

/** Runs on DynamoDB: a run is found, and an experiment's runs are listed, in the base table, consistently. */
export function createRunStore({
  trackingTableName,
  platformTableName,
  client = documents,
}: RunStoreOptions): RunStore {
  const tables = { client, tracking: trackingTableName, platform: platformTableName };
  return {
    create: (tenant, run) => createRun(tables, tenant, run),
    find: (tenant, runId) => findRun(tables, tenant, runId),
    save: (tenant, run, expect, event) => saveRun(tables, tenant, run, expect, event),
    appendMetrics: (tenant, runId, points, chunkId) => appendMetrics(tables, tenant, runId, points, chunkId),
    listMetrics: (tenant, runId, key, page) => listMetrics(tables, tenant, runId, key, page),
    listRuns: (tenant, experimentId, page) => listRuns(tables, tenant, experimentId, page),
  };
}

/** Newest first is ascending here: the sort key starts with what is left of the largest time. */
function runKey(tenant: string, runId: string): { pk: string; sk: string } | undefined {
  const place = parseRunId(runId);
  if (place === undefined) return undefined;
  const left = (MAX_TIME - place.startTime).toString(16).padStart(12, '0');
  return { pk: `${tenant}#experiment-runs#${place.experimentId}`, sk: `${left}#${runId}` };
}

function toItem(tenant: string, run: Run, revision: number): Record<string, unknown> {
  const { latest, ...rest } = run;
  const points = Object.values(latest);
  const packed = points.length === 0 ? undefined : packPoints(points);
  return { ...runKey(tenant, run.runId), schemaVersion: SCHEMA_VERSION, revision, run: rest, latest: packed };
}

function toStoredRun(item: Record<string, unknown>): StoredRun {
  const points = item.latest === undefined ? [] : unpackPoints(item.latest as Uint8Array);
  const latest = Object.fromEntries(points.map((point) => [point.key, point]));
  return { run: { ...(item.run as Omit<Run, 'latest'>), latest }, revision: item.revision as number };
}

async function createRun({ client, tracking }: Tables, tenant: string, run: Run): Promise<void> {
  const put = new PutCommand({
    TableName: tracking,
    Item: toItem(tenant, run, 1),
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await client.send(put).catch((error: unknown) => {
    throw isConditionFailure(error) ? new AlreadyExistsError('run', run.runId, { cause: error }) : error;
  });
}

async function findRun(
  { client, tracking }: Tables,
  tenant: string,
  runId: string,
): Promise<StoredRun | undefined> {
  const Key = runKey(tenant, runId);
  if (Key === undefined) return undefined;
  const { Item } = await client.send(new GetCommand({ TableName: tracking, Key, ConsistentRead: true }));
  return Item === undefined ? undefined : toStoredRun(Item);
}

async function saveRun(
  tables: Tables,
  tenant: string,
  run: Run,
  expect: number,
  event?: PlatformEvent,
): Promise<void> {
  const put = {
    TableName: tables.tracking,
    Item: toItem(tenant, run, expect + 1),
    ConditionExpression: 'revision = :expected',
    ExpressionAttributeValues: { ':expected': expect },
  };
  const write =
    event === undefined
      ? tables.client.send(new PutCommand(put))
      : tables.client.send(
          new TransactWriteCommand({
            TransactItems: [{ Put: put }, { Put: { TableName: tables.platform, Item: toEventItem(event) } }],
          }),
        );
  await write.catch((error: unknown) => {
    throw isConditionFailure(error)
      ? new ConcurrentChangeError(`Run ${run.runId} was changed meanwhile.`, { cause: error })
      : error;
  });
}

function isConditionFailure(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    return codes.includes('ConditionalCheckFailed') || codes.includes('TransactionConflict');
  }
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}

async function appendMetrics(
  { client, tracking }: Tables,
  tenant: string,
  runId: string,
  points: readonly MetricPoint[],
  chunkId: string,
): Promise<void> {
  const keys = [...new Set(points.map(({ key }) => key))];
  await client.send(
    new PutCommand({
      TableName: tracking,
      Item: {
        pk: `${tenant}#run-metrics#${runId}`,
        sk: chunkId,
        schemaVersion: SCHEMA_VERSION,
        keys,
        points: packPoints(points),
      },
    }),
  );
}

async function listMetrics(
  { client, tracking }: Tables,
  tenant: string,
  runId: string,
  key: string,
  page: RunPage,
): Promise<Page<MetricPoint>> {
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: tracking,
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'contains(#keys, :key)',
      ExpressionAttributeNames: { '#keys': 'keys' },
      ExpressionAttributeValues: { ':pk': `${tenant}#run-metrics#${runId}`, ':key': key },
      ConsistentRead: true,
      Limit: page.limit,
      ExclusiveStartKey: page.cursor === undefined ? undefined : decodeCursor(page.cursor),
    }),
  );
  const items = Items.flatMap((item) =>
    unpackPoints(item.points as Uint8Array).filter((point) => point.key === key),
  );
  return { items, nextCursor: LastEvaluatedKey === undefined ? null : encodeCursor(LastEvaluatedKey) };
}

async function listRuns(
  { client, tracking }: Tables,
  tenant: string,
  experimentId: string,
  page: RunPage,
): Promise<Page<Run>> {
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: tracking,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `${tenant}#experiment-runs#${experimentId}` },
      ConsistentRead: true,
      Limit: page.limit,
      ExclusiveStartKey: page.cursor === undefined ? undefined : runKey(tenant, page.cursor),
    }),
  );
  const items = Items.map((item) => toStoredRun(item).run);
  return { items, nextCursor: LastEvaluatedKey === undefined ? null : (items.at(-1)?.runId ?? null) };
}
