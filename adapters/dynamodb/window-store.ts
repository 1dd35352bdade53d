import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MinuteWindow } from '../../domain/monitoring/minute-window.ts';
import type { StoredWindow, WindowStore } from '../../domain/monitoring/ports.ts';
import type { SequenceRanges } from '../../domain/monitoring/sequences.ts';
import { toSketchBytes } from '../../domain/monitoring/sketch-bytes.ts';
import type { CapturedEndpoint } from '../../domain/shared/capture-layout.ts';
import type { Observation } from '../../domain/shared/observation.ts';
import { SCHEMA_VERSION } from '../../domain/shared/version.ts';
import { documents } from './client.ts';
import { minutePartition, minuteSortKey } from './observation-source.ts';
import { queryAll } from './query-all.ts';

interface WindowItem {
  readonly minute: number;
  readonly observation: Observation;
  readonly rows: number;
  readonly sketch?: Uint8Array;
  readonly sequences: SequenceRanges;
}

/** Minutes are kept for the judge and for drift windows; raw captures in S3 are the long memory. */
const KEPT_SECONDS = 40 * 24 * 3600;

/** Minute windows in the measurement table: `minute#<minute>#<landed object>` below the version's partition. */
export function createWindowStore(
  tableName: string,
  client: DynamoDBDocumentClient = documents,
): WindowStore {
  return {
    put: async (window, source) => {
      await client.send(new PutCommand({ TableName: tableName, Item: toItem(window, source) }));
    },
    list: (endpoint, version, fromMinute, toMinute) =>
      listWindows(client, tableName, endpoint, version, fromMinute, toMinute),
  };
}

function toItem(window: MinuteWindow, source: string): Record<string, unknown> {
  const { tenant, endpoint, version, minute, observation, rows, sketch, sequences } = window;
  return {
    pk: minutePartition(tenant, endpoint, version),
    sk: `${minuteSortKey(minute)}#${source}`,
    schemaVersion: SCHEMA_VERSION,
    minute,
    observation,
    rows,
    sketch: sketch && toSketchBytes(sketch),
    sequences,
    expiresAt: minute * 60 + KEPT_SECONDS,
  };
}

async function listWindows(
  client: DynamoDBDocumentClient,
  tableName: string,
  { tenant, endpoint }: CapturedEndpoint,
  version: number,
  fromMinute: number,
  toMinute: number,
): Promise<StoredWindow[]> {
  const items = await queryAll<WindowItem>(client, {
    TableName: tableName,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': minutePartition(tenant, endpoint, version),
      ':from': minuteSortKey(fromMinute),
      ':to': minuteSortKey(toMinute),
    },
  });
  return items.map(({ minute, observation, rows, sketch, sequences }) => {
    return { tenant, endpoint, version, minute, observation, rows, sketchBytes: sketch, sequences };
  });
}
