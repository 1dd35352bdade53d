import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { invokeFunction, readShared, rootSettings } from '../support/aws.ts';
import { CloudCaller } from '../support/cloud-caller.ts';
import { useCloud } from '../support/shared-cloud.ts';

const cloud = useCloud();
const LONG_AGO = '2020-01-01T00:00:00.000Z';
let caller: CloudCaller;
let client: DynamoDBDocumentClient;

const call = (method: string, path: string, body?: unknown) =>
  caller.call(method, `/api/2.0/mlflow/${path}`, body, 'scientist');

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(cloud(), 'removal');
  client = DynamoDBDocumentClient.from(new DynamoDBClient(rootSettings(cloud())));
});

async function createExperiment(name: string): Promise<string> {
  const { body } = await call('POST', 'experiments/create', { name });
  return body.experiment_id;
}

/** A run with a metric and a file. */
async function createRun(experiment_id: string): Promise<string> {
  const { body } = await call('POST', 'runs/create', { experiment_id });
  const { run_id } = body.run.info;
  await call('POST', 'runs/log-metric', { run_id, key: 'auc', value: 0.8, timestamp: 1, step: 0 });
  const file = `${experiment_id}/${run_id}/artifacts/notes.txt`;
  const answer = await fetch(`${cloud().apiUrl}/api/2.0/mlflow-artifacts/artifacts/${file}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${caller.token('scientist')}` },
    body: 'what we saw',
  });
  expect(answer.status).toBe(200);
  return run_id;
}

/** The tenant's entries in the trash get due, as if their retention were over. */
async function letTimePass(): Promise<void> {
  const TableName = await readShared(cloud(), 'state/platform-table-name');
  const pk = '_platform#trash#artifacts';
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    }),
  );
  for (const item of Items.filter((it) => JSON.stringify(it).includes(`"${caller.tenant}"`))) {
    const [, id] = String(item.sk).split('#');
    await client.send(new PutCommand({ TableName, Item: { ...item, sk: `${LONG_AGO}#${id}` } }));
    await client.send(new DeleteCommand({ TableName, Key: { pk, sk: item.sk } }));
  }
}

async function listFiles(): Promise<string[]> {
  const Bucket = await readShared(cloud(), 'state/artifact-bucket-name');
  const Prefix = `tenants/${caller.tenant}/`;
  const { Contents = [] } = await new S3Client(rootSettings(cloud())).send(
    new ListObjectsV2Command({ Bucket, Prefix }),
  );
  return Contents.map(({ Key = '' }) => Key);
}

describe('what was deleted', () => {
  it('is removed with its files when the retention is over, and what was restored or kept stays', async () => {
    const [gone, kept] = [await createExperiment('gone'), await createExperiment('kept')];
    const runs = {
      ofGone: await createRun(gone),
      deleted: await createRun(kept),
      restored: await createRun(kept),
      kept: await createRun(kept),
    };
    await call('POST', 'experiments/delete', { experiment_id: gone });
    for (const run_id of [runs.deleted, runs.restored]) await call('POST', 'runs/delete', { run_id });
    await call('POST', 'runs/restore', { run_id: runs.restored });

    await invokeFunction(cloud(), 'PurgeDeleted', {});
    const early = await call('GET', `runs/get?run_id=${runs.deleted}`);
    await letTimePass();
    await invokeFunction(cloud(), 'PurgeDeleted', {});

    expect(early.status).toBe(200);
    const statuses: Record<string, number> = {};
    for (const [name, run] of Object.entries(runs)) {
      statuses[name] = (await call('GET', `runs/get?run_id=${run}`)).status;
    }
    expect(statuses).toEqual({ ofGone: 404, deleted: 404, restored: 200, kept: 200 });
    expect((await call('GET', `experiments/get?experiment_id=${gone}`)).status).toBe(404);
    const files = (await listFiles()).join('\n');
    expect(files).toContain(runs.restored);
    expect(files).toContain(runs.kept);
    expect(files).not.toContain(runs.ofGone);
    expect(files).not.toContain(runs.deleted);
  });

  it('gives its name free', async () => {
    const first = await createExperiment('again');
    await call('POST', 'experiments/delete', { experiment_id: first });
    const taken = await call('POST', 'experiments/create', { name: 'again' });

    await letTimePass();
    await invokeFunction(cloud(), 'PurgeDeleted', {});
    const second = await createExperiment('again');

    expect(taken.status).toBe(400);
    expect(second).not.toBe(first);
  });
});
