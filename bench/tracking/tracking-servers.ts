import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Run } from '../../domain/tracking/runs/run.ts';
import type { Cloud } from '../../local/cloud.ts';
import { readShared, rootSettings } from '../../test/support/aws.ts';
import { startTestCloud } from '../../test/support/test-cloud.ts';
import { makeUsualRun } from '../../test/support/tracking-cost/usual-run.ts';
import { writeRuns } from '../../test/support/tracking-cost/write-runs.ts';
import { startMlflowServer } from './mlflow-server.ts';

const TENANT = 'default';
const RUNS_AT_ONCE = 1000;

/** One call of MLflow's REST API; throws unless it succeeds. */
// biome-ignore lint/suspicious/noExplicitAny: answers are of many shapes
export type Call = (method: 'GET' | 'POST', path: string, fields: object) => Promise<any>;

export interface TrackingServer {
  readonly call: Call;
  readonly experimentId: string;
}

/** The platform on its local cloud, and MLflow's own server. */
export interface TrackingServers {
  /** The same experiment on both. */
  readonly addExperiment: (
    name: string,
    size: number,
  ) => Promise<{ ours: TrackingServer; mlflow: TrackingServer }>;
  readonly stop: () => Promise<void>;
}

export async function startTrackingServers(): Promise<TrackingServers> {
  const mlflow = await startMlflowServer();
  const cloud = await startTestCloud().catch(async (error) => {
    mlflow.stop();
    throw error;
  });
  const ours = makeCall(cloud.apiUrl, { authorization: `Bearer ${cloud.tenants[TENANT]?.scientist}` });
  const theirs = makeCall(mlflow.url, {});
  return {
    addExperiment: async (name, size) => {
      const { experiment_id: experimentId } = await ours('POST', 'experiments/create', { name });
      const batches = writeBatches(cloud, experimentId, size);
      const otherId = await mlflow.addExperiment(name, batches);
      return { ours: { call: ours, experimentId }, mlflow: { call: theirs, experimentId: otherId } };
    },
    stop: async () => {
      mlflow.stop();
      await cloud.stop();
    },
  };
}

/** Makes runs, writes them to the platform's table and hands them on. */
async function* writeBatches(cloud: Cloud, experimentId: string, size: number): AsyncGenerator<Run[]> {
  const tableName = await readShared(cloud, 'state/tracking-table-name');
  const marshallOptions = { removeUndefinedValues: true };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(rootSettings(cloud)), { marshallOptions });
  for (let start = 0; start < size; start += RUNS_AT_ONCE) {
    const length = Math.min(RUNS_AT_ONCE, size - start);
    const runs = Array.from({ length }, (_, i) => makeUsualRun(experimentId, start + i));
    await writeRuns(client, tableName, TENANT, runs);
    yield runs;
  }
}

function makeCall(url: string, headers: Readonly<Record<string, string>>): Call {
  return async (method, path, fields) => {
    const query = method === 'GET' ? `?${new URLSearchParams(fields as Record<string, string>)}` : '';
    const response = await fetch(`${url}/api/2.0/mlflow/${path}${query}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: JSON.stringify(fields) } : {}),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${url} answered ${path} with ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
}
