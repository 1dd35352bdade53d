import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoStore } from '../../adapters/dynamodb/dynamo-store.ts';
import { createLoggedModelStore } from '../../adapters/dynamodb/logged-model-store.ts';
import { makeOutbox } from '../../adapters/dynamodb/outbox.ts';
import { createRunStore } from '../../adapters/dynamodb/runs/run-store.ts';
import { createSharedBucket } from '../../adapters/dynamodb/shared-bucket.ts';
import { seedDefaultExperiment } from '../../domain/tracking/experiments/create-experiment.ts';
import { getLoggedModel } from '../../domain/tracking/logged-models/change-logged-model.ts';
import { createLoggedModel } from '../../domain/tracking/logged-models/create-logged-model.ts';
import { logBatchAboutModels } from '../../domain/tracking/logged-models/log-batch-about-models.ts';
import { formatModelId } from '../../domain/tracking/logged-models/logged-model.ts';
import { searchLoggedModels } from '../../domain/tracking/logged-models/search-logged-models.ts';
import { createRun } from '../../domain/tracking/runs/create-run.ts';
import { updateRun } from '../../domain/tracking/runs/manage-runs.ts';
import { startEmulator } from '../../local/emulator.ts';
import { describeLoggedModelStore } from '../contract/logged-model-store-contract.ts';
import { describeRunStore } from '../contract/run-store-contract.ts';
import { describeSharedBucket } from '../contract/shared-bucket-contract.ts';
import { describeStore } from '../contract/store-contract.ts';
import { makeTestContext, makeTestRandomBytes } from '../support/call-context.ts';
import { findFreePort } from '../support/free-port.ts';
import { createPlatformTable } from '../support/platform-table.ts';

const TABLES = { platform: 'platform', tracking: 'tracking' };
let directory: string;
let emulator: Awaited<ReturnType<typeof startEmulator>> | undefined;
let client: DynamoDBDocumentClient;
const sent: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'perennial-dynamodb-'));
  emulator = await startEmulator({ directory, port: await findFreePort() });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const dynamodb = new DynamoDBClient({ endpoint: emulator.endpointUrl, region: 'us-east-1', credentials });
  client = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  client.middlewareStack.add(
    (next, context) => (args) => {
      sent.push(String(context.commandName));
      return next(args);
    },
    { step: 'initialize' },
  );
  for (const name of Object.values(TABLES)) await createPlatformTable(dynamodb, name);
});

afterAll(async () => {
  await emulator?.stop();
  await rm(directory, { recursive: true, force: true });
});

describeStore('DynamoDB', async () => createDynamoStore({ tableName: TABLES.platform, client }));

const openRunStore = () =>
  createRunStore({ trackingTableName: TABLES.tracking, platformTableName: TABLES.platform, client });

describeRunStore('DynamoDB', async () => ({
  store: createDynamoStore({ tableName: TABLES.platform, client }),
  runs: openRunStore(),
}));

describeSharedBucket('DynamoDB', async () => createSharedBucket(TABLES.platform, client));

const openLoggedModelStore = () =>
  createLoggedModelStore({
    trackingTableName: TABLES.tracking,
    platformTableName: TABLES.platform,
    client,
  });

describeLoggedModelStore('DynamoDB', async () => ({
  store: createDynamoStore({ tableName: TABLES.platform, client }),
  models: openLoggedModelStore(),
}));

describe('the outbox', () => {
  it('lists an unmarked event after its time and not once it is marked', async () => {
    const context = makeTestContext({ tenant: 'outbox' });
    const store = createDynamoStore({ tableName: TABLES.platform, client });
    await store.commit(seedDefaultExperiment(context));
    const outbox = makeOutbox(TABLES.platform, client);
    const ofTenant = async (beforeMs: number) =>
      (await outbox.listPending(beforeMs)).filter(({ event }) => event.tenant === 'outbox');

    const early = await ofTenant(context.nowMs);
    const due = await ofTenant(context.nowMs + 1);
    for (const { event } of due) await outbox.markRelayed(event);
    const after = await ofTenant(context.nowMs + 1);

    expect([early.length, due.length, after.length]).toEqual([0, 1, 0]);
    expect(due[0]?.salt).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a run', () => {
  it('finishes with its event in one transaction', async () => {
    const context = makeTestContext({ tenant: 'finish' });
    const store = createDynamoStore({ tableName: TABLES.platform, client });
    const runs = openRunStore();
    await store.commit(seedDefaultExperiment(context));
    const deps = { store, runs, randomBytes: makeTestRandomBytes() };
    const { runId } = await createRun(deps, context, { experimentId: '0', tags: [] });

    sent.length = 0;
    await updateRun(runs, context, runId, { status: 'FINISHED' });

    expect(sent).toEqual(['BatchGetItemCommand', 'TransactWriteItemsCommand']);
    const { items } = await store.listEvents('finish', { limit: 10 });
    expect(items.map(({ detailType }) => detailType)).toContain('RunFinished');
  });
});

describe('the cost of logged models', () => {
  it('is one call to get, two for a page of 100 of 300, and two more for a metric about one', async () => {
    const context = makeTestContext({ tenant: 'model-cost' });
    const store = createDynamoStore({ tableName: TABLES.platform, client });
    const [runs, models] = [openRunStore(), openLoggedModelStore()];
    await store.commit(seedDefaultExperiment(context));
    const deps = { store, runs, models, randomBytes: makeTestRandomBytes() };
    const { runId } = await createRun(deps, context, { experimentId: '0', tags: [] });
    const input = { experimentId: '0', name: 'forest', params: [], tags: [] };
    const first = await createLoggedModel(deps, context, input);
    for (let i = 1; i < 300; i++) {
      const creationTimestamp = first.creationTimestamp + i;
      const modelId = formatModelId(creationTimestamp, '0', deps.randomBytes(6));
      await models.create('model-cost', { ...first, modelId, creationTimestamp });
    }
    const callsOf = async (work: () => Promise<unknown>) => {
      sent.length = 0;
      await work();
      return [...sent];
    };

    const get = await callsOf(() => getLoggedModel(models, context, first.modelId));
    const search = { experimentIds: ['0'], datasets: [], orderBy: [], maxResults: 100 };
    const page = await callsOf(() => searchLoggedModels(models, context, search));
    const metrics = [{ key: 'rmse', value: 1, timestamp: 1, step: 0, modelId: first.modelId }];
    const metric = await callsOf(() =>
      logBatchAboutModels({ runs, models }, context, runId, { metrics, params: [], tags: [] }),
    );

    expect(get).toEqual(['BatchGetItemCommand']);
    expect(page).toEqual(['BatchGetItemCommand', 'QueryCommand']);
    expect(metric.sort()).toEqual([
      ...['BatchGetItemCommand', 'BatchGetItemCommand', 'PutItemCommand', 'PutItemCommand'],
    ]);
    expect((await getLoggedModel(models, context, first.modelId)).metrics).toHaveLength(1);
  });
});
