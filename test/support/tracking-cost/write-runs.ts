import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { toItems } from '../../../adapters/dynamodb/runs/run-items.ts';
import type { Run } from '../../../domain/tracking/runs/run.ts';

/** BatchWriteItem takes 25 items. */
export const RUNS_PER_WRITE = 25;

/** Writes finished runs as the product stores them, without what it does at each call. */
export async function writeRuns(
  client: DynamoDBDocumentClient,
  tableName: string,
  tenant: string,
  runs: readonly Run[],
): Promise<void> {
  for (let start = 0; start < runs.length; start += RUNS_PER_WRITE) {
    const items = runs.slice(start, start + RUNS_PER_WRITE).flatMap((run) => toItems(tenant, run, 1));
    const requests = items.map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
  }
}
