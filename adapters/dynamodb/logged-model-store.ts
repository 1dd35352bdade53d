import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { AlreadyExistsError, ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { Change, Page } from '../../domain/shared/store.ts';
import { SCHEMA_VERSION } from '../../domain/shared/version.ts';
import { type Experiment, experimentKey } from '../../domain/tracking/experiments/experiment.ts';
import { LoggedModelTooLargeError } from '../../domain/tracking/logged-models/errors.ts';
import { type LoggedModel, parseModelId } from '../../domain/tracking/logged-models/logged-model.ts';
import type {
  LoggedModelPage,
  LoggedModelStore,
  StoredLoggedModel,
} from '../../domain/tracking/logged-models/ports.ts';
import { timeLeft } from '../../domain/tracking/runs/run-id.ts';
import { documents } from './client.ts';
import { toPrimaryKey } from './item-keys.ts';
import { packLoggedModel, unpackLoggedModel } from './logged-model-codec.ts';
import { findExperiments, readItems, type TrackingTables } from './runs/run-store.ts';
import { toTransactItem } from './transaction.ts';

export interface LoggedModelStoreOptions {
  readonly trackingTableName: string;
  /** Has the experiments, and takes events and the like in the same transaction as the model's change. */
  readonly platformTableName: string;
  readonly client?: DynamoDBDocumentClient;
}

interface ModelItem {
  readonly pk: string;
  readonly sk: string;
  readonly schemaVersion: number;
  readonly format: 1;
  readonly revision: number;
  readonly body: Uint8Array;
}

interface Condition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** DynamoDB's items end at 400 KB; the rest is for key and attributes. */
const MAX_BODY_BYTES = 390_000;

/**
 * Logged models on DynamoDB: one item each, found by its id, and listed by experiment in MLflow's default order,
 * both consistently in the base table.
 */
export function createLoggedModelStore({
  trackingTableName,
  platformTableName,
  client = documents,
}: LoggedModelStoreOptions): LoggedModelStore {
  const tables = { client, tracking: trackingTableName, platform: platformTableName };
  return {
    create: (tenant, model, changes) => createModel(tables, tenant, model, changes),
    find: (tenant, modelId) => findModel(tables, tenant, modelId),
    save: (tenant, model, expect, changes) => saveModel(tables, tenant, model, expect, changes),
    findExperiments: (tenant, ids) => findExperiments(tables, tenant, ids),
    remove: (tenant, modelId) => removeModel(tables, tenant, modelId),
    list: (tenant, experimentId, page) => listModels(tables, tenant, experimentId, page),
  };
}

function partitionOf(tenant: string, experimentId: string): string {
  return `${tenant}#experiment-models#${experimentId}`;
}

/** Newest first is ascending here: the sort key starts with what is left of the largest time. */
function modelKey(tenant: string, modelId: string): { pk: string; sk: string } | undefined {
  const place = parseModelId(modelId);
  if (place === undefined) return undefined;
  const sk = `${timeLeft(place.creationTimestamp)}#${modelId}`;
  return { pk: partitionOf(tenant, place.experimentId), sk };
}

function toItem(tenant: string, model: LoggedModel, revision: number): ModelItem {
  const key = modelKey(tenant, model.modelId);
  if (key === undefined) throw new TypeError(`${model.modelId} is not the id of a logged model.`);
  const body = packLoggedModel(model);
  if (body.length > MAX_BODY_BYTES)
    throw new LoggedModelTooLargeError(model.modelId, body.length, MAX_BODY_BYTES);
  return { ...key, schemaVersion: SCHEMA_VERSION, format: 1, revision, body };
}

function toModel({ sk, body }: ModelItem): LoggedModel {
  const modelId = sk.slice(sk.indexOf('#') + 1);
  const place = parseModelId(modelId) as NonNullable<ReturnType<typeof parseModelId>>;
  return unpackLoggedModel(body, { modelId, ...place });
}

async function createModel(
  tables: TrackingTables,
  tenant: string,
  model: LoggedModel,
  changes?: readonly Change[],
): Promise<void> {
  const absent = { ConditionExpression: 'attribute_not_exists(pk)' };
  await put(tables, toItem(tenant, model, 1), absent, changes).catch((error: unknown) => {
    throw isConditionFailure(error)
      ? new AlreadyExistsError('logged model', model.modelId, { cause: error })
      : error;
  });
}

async function saveModel(
  tables: TrackingTables,
  tenant: string,
  model: LoggedModel,
  expect: number,
  changes?: readonly Change[],
): Promise<void> {
  const unchanged = {
    ConditionExpression: 'revision = :expected',
    ExpressionAttributeValues: { ':expected': expect },
  };
  await put(tables, toItem(tenant, model, expect + 1), unchanged, changes).catch((error: unknown) => {
    throw isConditionFailure(error)
      ? new ConcurrentChangeError(`Logged model ${model.modelId} was changed meanwhile.`, { cause: error })
      : error;
  });
}

async function put(
  { client, tracking, platform }: TrackingTables,
  Item: ModelItem,
  condition: Condition,
  changes: readonly Change[] = [],
): Promise<void> {
  const Put = { TableName: tracking, Item, ...condition };
  if (changes.length === 0) {
    await client.send(new PutCommand(Put));
    return;
  }
  const TransactItems = [{ Put }, ...changes.map((change) => toTransactItem(platform, change))];
  await client.send(new TransactWriteCommand({ TransactItems }));
}

function isConditionFailure(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    return codes.includes('ConditionalCheckFailed') || codes.includes('TransactionConflict');
  }
  // A put that meets a transaction on its item is refused by this name.
  const names = ['ConditionalCheckFailedException', 'TransactionConflictException'];
  return error instanceof Error && names.includes(error.name);
}

/** Model and experiment in one read: the experiment tells who may touch the model. */
async function findModel(
  tables: TrackingTables,
  tenant: string,
  modelId: string,
): Promise<StoredLoggedModel | undefined> {
  const key = modelKey(tenant, modelId);
  const place = parseModelId(modelId);
  if (key === undefined || place === undefined) return undefined;
  const [item, experiment] = await readItems(tables, [
    [tables.tracking, key],
    [tables.platform, toPrimaryKey(experimentKey(tenant, place.experimentId))],
  ]);
  if (item === undefined || experiment === undefined) return undefined;
  const stored = item as unknown as ModelItem;
  return {
    model: toModel(stored),
    revision: stored.revision,
    experiment: experiment.value as Experiment,
  };
}

async function removeModel(
  { client, tracking }: TrackingTables,
  tenant: string,
  modelId: string,
): Promise<void> {
  const Key = modelKey(tenant, modelId);
  if (Key !== undefined) await client.send(new DeleteCommand({ TableName: tracking, Key }));
}

async function listModels(
  { client, tracking }: TrackingTables,
  tenant: string,
  experimentId: string,
  { limit, cursor }: LoggedModelPage,
): Promise<Page<LoggedModel>> {
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: tracking,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': partitionOf(tenant, experimentId) },
      ConsistentRead: true,
      Limit: limit,
      ExclusiveStartKey: cursor === undefined ? undefined : modelKey(tenant, cursor),
    }),
  );
  const items = Items.map((item) => toModel(item as ModelItem));
  return { items, nextCursor: LastEvaluatedKey === undefined ? null : (items.at(-1)?.modelId ?? null) };
}
