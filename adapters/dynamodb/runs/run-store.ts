import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Experiment } from '../../../domain/tracking/experiments/experiment.ts';
import { experimentKey } from '../../../domain/tracking/experiments/experiment.ts';
import type { RunStore, StoredRun } from '../../../domain/tracking/ports.ts';
import { parseRunId } from '../../../domain/tracking/runs/run-id.ts';
import { settle } from '../../../domain/tracking/runs/run-lifecycle.ts';
import { documents } from '../client.ts';
import { toPrimaryKey } from '../item-keys.ts';
import { addDatasets, findDatasets, listDatasets } from './dataset-items.ts';
import { readHistory } from './history-items.ts';
import { removeRun } from './remove-run.ts';
import { continuationKey, fromItems, type RunItem, runKey } from './run-items.ts';
import { listRuns } from './run-listing.ts';
import { createRun, saveRun } from './run-writes.ts';

export interface RunStoreOptions {
  /** Runs and metrics; no stream. */
  readonly trackingTableName: string;
  /** Has the experiments, and takes events in the same transaction as the run's change. */
  readonly platformTableName: string;
  readonly client?: DynamoDBDocumentClient;
}

export interface TrackingTables {
  readonly client: DynamoDBDocumentClient;
  readonly tracking: string;
  readonly platform: string;
}

type TableKey = readonly [table: string, key: { readonly pk: string; readonly sk: string }];

/**
 * Full jitter, https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter: each lost race has cost a
 * read and a write. A read and a write of DynamoDB take about ten milliseconds; sixteen writers take turns in
 * half a second.
 */
const WAIT_MS = 10;
const MAX_WAIT_MS = 500;
/** BatchGetItem takes 100 keys. */
const KEYS_PER_READ = 100;

/** Runs on DynamoDB: a run is found, and an experiment's runs are listed, in the base table, consistently. */
export function createRunStore({
  trackingTableName,
  platformTableName,
  client = documents,
}: RunStoreOptions): RunStore {
  const tables = { client, tracking: trackingTableName, platform: platformTableName };
  return {
    create: (tenant, run, event) => createRun(tables, tenant, run, event),
    find: (tenant, runId) => findRun(tables, tenant, runId),
    findExperiments: (tenant, ids) => findExperiments(tables, tenant, ids),
    save: (tenant, run, expect, write) => saveRun(tables, tenant, run, expect, write),
    waitAfterLostRace: (attempts) => sleep(Math.random() * Math.min(MAX_WAIT_MS, WAIT_MS * 2 ** attempts)),
    listRuns: (tenant, experiment, page) => listRuns(tables, tenant, experiment, page),
    readHistory: (tenant, runId, key) => readHistory(tables, tenant, runId, key),
    addDatasets: (tenant, experimentId, used) => addDatasets(tables, tenant, experimentId, used),
    findDatasets: (tenant, experimentId, references) =>
      findDatasets(tables, tenant, experimentId, references),
    listDatasets: (tenant, experimentId, limit) => listDatasets(tables, tenant, experimentId, limit),
    remove: (tenant, runId) => removeRun(tables, tenant, runId),
  };
}

/** Run and experiment in one read: the experiment tells whether the run is in effect, and who may touch it. */
async function findRun(
  tables: TrackingTables,
  tenant: string,
  runId: string,
): Promise<StoredRun | undefined> {
  const key = runKey(tenant, runId);
  const place = parseRunId(runId);
  if (key === undefined || place === undefined) return undefined;
  for (;;) {
    const [head, experiment] = await readItems(tables, [
      [tables.tracking, key],
      [tables.platform, toPrimaryKey(experimentKey(tenant, place.experimentId))],
    ]);
    if (head === undefined || experiment === undefined) return undefined;
    const stored = fromItems([
      head as unknown as RunItem,
      ...(await readRest(tables, head as unknown as RunItem)),
    ]);
    // A run of several parts was written between the two reads: read again.
    if (stored === undefined) continue;
    const inEffect = experiment.value as Experiment;
    return { run: settle(stored.run, inEffect), revision: stored.revision, experiment: inEffect };
  }
}

async function readRest(tables: TrackingTables, head: RunItem): Promise<RunItem[]> {
  if (head.parts === undefined) return [];
  const keys = Array.from({ length: head.parts - 1 }, (_, i) => continuationKey(head, i + 1));
  const items = await readItems(
    tables,
    keys.map((key) => [tables.tracking, key]),
  );
  return items.filter((item) => item !== undefined) as unknown as RunItem[];
}

/** Experiments by id, one consistent read a hundred. */
export async function findExperiments(
  tables: TrackingTables,
  tenant: string,
  experimentIds: readonly string[],
): Promise<Experiment[]> {
  const keys = experimentIds.map(
    (id): TableKey => [tables.platform, toPrimaryKey(experimentKey(tenant, id))],
  );
  const items = await readItems(tables, keys);
  return items.flatMap((item) => (item === undefined ? [] : [item.value as Experiment]));
}

/** Consistent reads of items of any table, in the order of the keys. */
export async function readItems(
  { client }: Pick<TrackingTables, 'client'>,
  keys: readonly TableKey[],
): Promise<(Record<string, unknown> | undefined)[]> {
  const found = new Map<string, Record<string, unknown>>();
  const name = (table: string, { pk, sk }: { pk?: unknown; sk?: unknown }) => `${table}/${pk}/${sk}`;
  for (let start = 0; start < keys.length; start += KEYS_PER_READ) {
    let wanted = toRequest(keys.slice(start, start + KEYS_PER_READ));
    // What DynamoDB had no room for in 16 MB, or was too busy for, is asked for again.
    while (Object.keys(wanted).length > 0) {
      const answer = await client.send(new BatchGetCommand({ RequestItems: wanted }));
      for (const [table, items] of Object.entries(answer.Responses ?? {})) {
        for (const item of items) found.set(name(table, item), item);
      }
      wanted = (answer.UnprocessedKeys ?? {}) as typeof wanted;
    }
  }
  return keys.map(([table, key]) => found.get(name(table, key)));
}

function toRequest(keys: readonly TableKey[]) {
  const request: Record<string, { Keys: { pk: string; sk: string }[]; ConsistentRead: boolean }> = {};
  for (const [table, { pk, sk }] of keys) {
    request[table] ??= { Keys: [], ConsistentRead: true };
    if (!request[table].Keys.some((known) => known.pk === pk && known.sk === sk))
      request[table].Keys.push({ pk, sk });
  }
  return request;
}
