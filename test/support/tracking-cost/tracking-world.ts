import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import type { Store } from '../../../domain/shared/store.ts';
import { createExperiment } from '../../../domain/tracking/experiments/create-experiment.ts';
import type { RunStore } from '../../../domain/tracking/ports.ts';
import { startEmulator } from '../../../local/emulator.ts';
import { makeTestContext } from '../call-context.ts';
import { findFreePort } from '../free-port.ts';
import { createPlatformTable } from '../platform-table.ts';
import { Meter } from './meter.ts';
import { makeUsualRun } from './usual-run.ts';
import { RUNS_PER_WRITE, writeRuns } from './write-runs.ts';

const TABLES = { platform: 'platform', tracking: 'tracking' };

/** The stores of tracking on an emulator of their own, with a meter between. */
export interface TrackingWorld {
  readonly store: Store;
  readonly runs: RunStore;
  readonly meter: Meter;
  /** An experiment with that many usual runs. */
  readonly addExperiment: (name: string, size: number) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export const context = makeTestContext({ tenant: 'cost' });

export async function openTrackingWorld(): Promise<TrackingWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'perennial-tracking-cost-'));
  const emulator = await startEmulator({ directory, port: await findFreePort() });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  // One of its own for seeding: document clients of one client share its middleware, and so the meter.
  const dynamodb = () =>
    new DynamoDBClient({ endpoint: emulator.endpointUrl, region: 'us-east-1', credentials });
  const connect = () =>
    DynamoDBDocumentClient.from(dynamodb(), { marshallOptions: { removeUndefinedValues: true } });
  for (const name of Object.values(TABLES)) await createPlatformTable(dynamodb(), name);
  const [client, seeding] = [connect(), connect()];
  const store = createDynamoStore({ tableName: TABLES.platform, client });
  return {
    store,
    runs: createRunStore({ trackingTableName: TABLES.tracking, platformTableName: TABLES.platform, client }),
    meter: new Meter(client),
    addExperiment: (name, size) => addExperiment(store, seeding, name, size),
    stop: async () => {
      await emulator.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Written in batches: only reading them is measured. */
async function addExperiment(
  store: Store,
  client: DynamoDBDocumentClient,
  name: string,
  size: number,
): Promise<string> {
  const { experimentId } = await createExperiment(store, context, { name });
  for (let start = 0; start < size; start += RUNS_PER_WRITE) {
    const length = Math.min(RUNS_PER_WRITE, size - start);
    const runs = Array.from({ length }, (_, i) => makeUsualRun(experimentId, start + i));
    await writeRuns(client, TABLES.tracking, context.tenant, runs);
  }
  return experimentId;
}
