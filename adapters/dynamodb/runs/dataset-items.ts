import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { SCHEMA_VERSION } from '../../../domain/shared/version.ts';
import { DatasetTooLargeError } from '../../../domain/tracking/errors.ts';
import type { UsedDataset } from '../../../domain/tracking/ports.ts';
import type { Dataset } from '../../../domain/tracking/runs/run.ts';
import { readItems, type TrackingTables } from './run-store.ts';

interface DatasetItem {
  readonly body: Uint8Array;
  /** As JSON, because a set of strings may hold no empty one. */
  readonly contexts: ReadonlySet<string>;
}

/** DynamoDB's items hold 400 KB; names, keys and contexts take the rest. */
const MAX_BODY_BYTES = 380_000;

function datasetPartition(tenant: string, experimentId: string): string {
  return `${tenant}#experiment-datasets#${experimentId}`;
}

/** In an experiment a dataset is told by name and digest; hashed, as names may be longer than a sort key. */
function datasetKey(
  tenant: string,
  experimentId: string,
  { name, digest }: Pick<Dataset, 'name' | 'digest'>,
): { pk: string; sk: string } {
  const sk = createHash('sha256')
    .update(JSON.stringify([name, digest]))
    .digest('hex');
  return { pk: datasetPartition(tenant, experimentId), sk };
}

/** One call a dataset; the first one's schema and profile stay. */
export async function addDatasets(
  { client, tracking }: TrackingTables,
  tenant: string,
  experimentId: string,
  used: readonly UsedDataset[],
): Promise<void> {
  for (const { dataset, contexts } of used) {
    const body = deflateRawSync(JSON.stringify(dataset));
    if (body.length > MAX_BODY_BYTES) throw new DatasetTooLargeError(dataset.name, body.length);
    await client.send(
      new UpdateCommand({
        TableName: tracking,
        Key: datasetKey(tenant, experimentId, dataset),
        UpdateExpression:
          'SET body = if_not_exists(body, :body), schemaVersion = :version ADD contexts :contexts',
        ExpressionAttributeValues: {
          ':body': body,
          ':version': SCHEMA_VERSION,
          ':contexts': new Set(contexts.map((context) => JSON.stringify(context))),
        },
      }),
    );
  }
}

export async function findDatasets(
  tables: TrackingTables,
  tenant: string,
  experimentId: string,
  references: readonly Pick<Dataset, 'name' | 'digest'>[],
): Promise<Dataset[]> {
  const items = await readItems(
    tables,
    references.map((reference) => [tables.tracking, datasetKey(tenant, experimentId, reference)]),
  );
  return items.flatMap((item) => (item === undefined ? [] : [readDataset(item as unknown as DatasetItem)]));
}

export async function listDatasets(
  { client, tracking }: TrackingTables,
  tenant: string,
  experimentId: string,
  limit: number,
): Promise<UsedDataset[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tracking,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': datasetPartition(tenant, experimentId) },
      ConsistentRead: true,
      Limit: limit,
    }),
  );
  return (Items as DatasetItem[]).map((item) => ({
    dataset: readDataset(item),
    contexts: [...item.contexts].map((context) => JSON.parse(context) as string).sort(),
  }));
}

function readDataset({ body }: DatasetItem): Dataset {
  return JSON.parse(inflateRawSync(body).toString()) as Dataset;
}
