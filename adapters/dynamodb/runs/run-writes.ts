import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { AlreadyExistsError, ConcurrentChangeError } from '../../../domain/shared/domain-error.ts';
import type { PlatformEvent } from '../../../domain/shared/event.ts';
import type { Change } from '../../../domain/shared/store.ts';
import { HotExperimentError, RunTooLargeError } from '../../../domain/tracking/errors.ts';
import type { RunWrite } from '../../../domain/tracking/ports.ts';
import type { Run } from '../../../domain/tracking/runs/run.ts';
import { toEventItem, toTransactItem } from '../transaction.ts';
import { type HistoryItem, toHistoryItem } from './history-items.ts';
import { type RunItem, toItems } from './run-items.ts';
import type { TrackingTables } from './run-store.ts';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** A transaction costs twice the write units: a small chunk goes with the run, a large one before it. */
const SMALL_CHUNK_BYTES = 1024;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html: 4 MB a transaction. */
const MAX_RUN_PARTS = 10;

/** One call; with an event, one transaction. */
export async function createRun(
  tables: TrackingTables,
  tenant: string,
  run: Run,
  event?: PlatformEvent,
): Promise<void> {
  const items = toItems(tenant, run, 1);
  const write = writeItems(tables, items, { ConditionExpression: 'attribute_not_exists(pk)' }, { event });
  await write.catch((error: unknown) => {
    if (isThrottling(error)) throw new HotExperimentError(run.experimentId, { cause: error });
    throw isConditionFailure(error) ? new AlreadyExistsError('run', run.runId, { cause: error }) : error;
  });
}

/** One call, or two when a large chunk goes before the run. */
export async function saveRun(
  tables: TrackingTables,
  tenant: string,
  run: Run,
  expect: number,
  { event, changes = [], chunk }: RunWrite = {},
): Promise<void> {
  const condition = {
    ConditionExpression: 'revision = :expected',
    ExpressionAttributeValues: { ':expected': expect },
  };
  const history = chunk && toHistoryItem(tenant, run.runId, chunk);
  const goesAhead = history !== undefined && history.points.length > SMALL_CHUNK_BYTES;
  if (goesAhead) await tables.client.send(new PutCommand({ TableName: tables.tracking, Item: history }));
  const together = goesAhead ? undefined : history;
  try {
    await writeItems(tables, toItems(tenant, run, expect + 1), condition, {
      event,
      changes,
      history: together,
    });
  } catch (error) {
    // The batch may yet be refused, and must leave nothing behind then.
    if (goesAhead) await removeHistory(tables, history);
    if (!isConditionFailure(error)) throw error;
    throw new ConcurrentChangeError(`Run ${run.runId} was changed meanwhile.`, { cause: error });
  }
}

interface Along {
  readonly event?: PlatformEvent | undefined;
  readonly changes?: readonly Change[];
  readonly history?: HistoryItem | undefined;
}

async function writeItems(
  tables: TrackingTables,
  items: readonly RunItem[],
  condition: Pick<NonNullable<TransactItem['Put']>, 'ConditionExpression' | 'ExpressionAttributeValues'>,
  { event, changes = [], history }: Along,
): Promise<void> {
  const [head, ...rest] = items as [RunItem, ...RunItem[]];
  if (items.length > MAX_RUN_PARTS) throw new RunTooLargeError(head.body.length * items.length);
  const put = { TableName: tables.tracking, Item: head, ...condition };
  if (rest.length + changes.length === 0 && event === undefined && history === undefined) {
    await tables.client.send(new PutCommand(put));
    return;
  }
  const also = [...rest, ...(history === undefined ? [] : [history])];
  const TransactItems: TransactItem[] = [
    { Put: put },
    ...also.map((Item) => ({ Put: { TableName: tables.tracking, Item } })),
    ...changes.map((change) => toTransactItem(tables.platform, change)),
    ...(event === undefined ? [] : [{ Put: { TableName: tables.platform, Item: toEventItem(event) } }]),
  ];
  await tables.client.send(new TransactWriteCommand({ TransactItems }));
}

async function removeHistory({ client, tracking }: TrackingTables, { pk, sk }: HistoryItem): Promise<void> {
  await client.send(new DeleteCommand({ TableName: tracking, Key: { pk, sk } }));
}

function isConditionFailure(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    return codes.includes('ConditionalCheckFailed') || codes.includes('TransactionConflict');
  }
  const name = error instanceof Error ? error.name : '';
  return name === 'ConditionalCheckFailedException' || name === 'TransactionConflictException';
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html, after the SDK's tries. */
function isThrottling(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    return (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ThrottlingError');
  }
  return error instanceof Error && /^(ProvisionedThroughputExceeded|Throttling)Exception$/.test(error.name);
}
