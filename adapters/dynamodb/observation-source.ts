import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EpochMinute, ObservationSource } from '../../domain/deployment/ports.ts';
import { emptyObservation, mergeObservations, type Observation } from '../../domain/shared/observation.ts';
import { documents } from './client.ts';
import { queryAll } from './query-all.ts';

export interface ObservationSourceSettings {
  /** The measurement table. */
  readonly tableName: string;
  /** How long after a minute its last captured line may arrive; what is later still is LATE, not absent. */
  readonly lagSeconds: number;
}

const MINUTE_MS = 60_000;

/** Partition of a version's minutes: `tenant#window#<endpoint>#<version>`. */
export function minutePartition(tenant: string, endpoint: string, version: number): string {
  return `${tenant}#window#${endpoint}#${version}`;
}

/** Sort key of a minute, `minute#2026-01-31T10:20`; writers may add a shard behind another `#`. */
export function minuteSortKey(minute: EpochMinute): string {
  return `minute#${new Date(minute * MINUTE_MS).toISOString().slice(0, 16)}`;
}

/** The minutes that monitoring wrote; several items of one minute are merged. */
export function makeObservationSource(
  { tableName, lagSeconds }: ObservationSourceSettings,
  client: DynamoDBDocumentClient = documents,
): ObservationSource {
  return {
    getWatermark: async (_tenant, _endpoint, nowMs) => Math.floor((nowMs - lagSeconds * 1000) / MINUTE_MS),
    observe: async (tenant, endpoint, version, fromMinute, toMinute) => {
      const found = new Map<string, Observation>();
      const partition = minutePartition(tenant, endpoint, version);
      for (const { sk, observation } of await queryMinutes(
        client,
        tableName,
        partition,
        fromMinute,
        toMinute,
      )) {
        const key = sk.slice(0, minuteSortKey(fromMinute).length);
        const known = found.get(key);
        found.set(key, known === undefined ? observation : mergeObservations(known, observation));
      }
      return Array.from(
        { length: Math.max(0, toMinute - fromMinute) },
        (_, index) => found.get(minuteSortKey(fromMinute + index)) ?? emptyObservation(),
      );
    },
  };
}

interface MinuteItem {
  readonly sk: string;
  readonly observation: Observation;
}

function queryMinutes(
  client: DynamoDBDocumentClient,
  tableName: string,
  partition: string,
  fromMinute: EpochMinute,
  toMinute: EpochMinute,
): Promise<MinuteItem[]> {
  return queryAll<MinuteItem>(client, {
    TableName: tableName,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': partition,
      ':from': minuteSortKey(fromMinute),
      // '~' sorts behind the shard's '#'.
      ':to': `${minuteSortKey(toMinute - 1)}~`,
    },
  });
}
