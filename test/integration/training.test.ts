import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, quoteText } from '../../adapters/duckdb/database.ts';
import { CloudCaller } from '../support/cloud-caller.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();
let directory: string;
let caller: CloudCaller;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'perennial-training-'));
  caller = await CloudCaller.forNewTenant(getCloud(), 'training');
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function call(method: string, path: string, body?: unknown) {
  const { status, body: answer } = await caller.call(method, `/api/v1${path}`, body, 'scientist');
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
  return answer;
}

async function waitFor(path: string, unfinished: readonly string[]) {
  for (;;) {
    const answer = await call('GET', path);
    if (!unfinished.includes(answer.status)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** Flights of a known law: late in the evening and from one airport. `unit` scales the distance. */
async function addVersion(rows: number, unit = 1): Promise<void> {
  const file = join(directory, 'rows.parquet');
  const database = await openDatabase();
  await database.run(
    `COPY (SELECT TIMESTAMP '2001-01-01' + INTERVAL (i) MINUTE AS date, (i // 60) % 24 AS hour,
       ${unit} * (100 + (i * 7919) % 2400) AS distance, CASE WHEN i % 3 = 0 THEN 'ORD' ELSE 'SFO' END AS origin,
       CAST((hash(i) % 100) < CASE WHEN (i // 60) % 24 > 16 THEN 60 ELSE 15 END + CASE WHEN i % 3 = 0 THEN 15 ELSE 0 END AS INT) AS late
     FROM range(${rows}) AS t(i)) TO ${quoteText(file)} (FORMAT parquet)`,
  );
  database.close();
  const upload = await call('POST', '/datasets/flights/uploads', { files: [{ path: 'rows.parquet' }] });
  const [{ url, headers }] = upload.targets;
  await fetch(url, { method: 'PUT', headers, body: await readFile(file) });
  const source = { kind: 'upload', uploadId: upload.id };
  const { version } = await call('POST', '/datasets/flights/versions', { source });
  const built = await waitFor(`/datasets/flights/versions/${version}`, ['PENDING', 'CHECKING']);
  expect(built.status).toBe('READY');
}

async function putPipeline(name: string, settings: object = {}): Promise<void> {
  await call('PUT', `/training-pipelines/${name}`, {
    model: 'late-flights',
    dataset: 'flights',
    task: 'classification',
    label: { column: 'late' },
    timeColumn: 'date',
    search: { trials: 2 },
    slices: { columns: ['origin'] },
    ...settings,
  });
}

async function execute(pipeline: string) {
  const { id } = await call('POST', `/training-pipelines/${pipeline}/executions`, {});
  return waitFor(`/training-executions/${id}`, ['PENDING', 'RUNNING']);
}

// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
const resultOf = (execution: any, step: string) =>
  execution.steps.find(({ name }: { name: string }) => name === step)?.result;

describe('a training pipeline', () => {
  beforeAll(async () => {
    await call('POST', '/datasets', { name: 'flights' });
    await addVersion(6000);
    await putPipeline('weekly');
  });

  it('makes a signed version with its lineage, and the same model from the same rows and seed', async () => {
    const first = await execute('weekly');
    const second = await execute('weekly');

    expect(first).toMatchObject({ status: 'SUCCEEDED', modelVersion: 1, champion: null });
    expect(second).toMatchObject({ status: 'SUCCEEDED', modelVersion: 2, champion: 1 });
    expect(resultOf(second, 'ExportModel').digest).toBe(resultOf(first, 'ExportModel').digest);
    expect(first.metrics.auc).toBeGreaterThan(0.65);
    const version = await call('GET', '/models/late-flights/versions/2');
    expect(version).toMatchObject({
      status: 'READY',
      servable: true,
      hasExample: true,
      hasProfile: true,
      lineage: {
        trainingExecution: second.id,
        runId: second.runId,
        champion: 1,
        datasetVersion: { dataset: 'flights', version: 1 },
      },
    });
    expect(version.manifest.statementDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('ends as REJECTED_BY_GATE, with the reason, when the gate says no', async () => {
    await putPipeline('strict', { gate: { thresholds: [{ metric: 'auc', min: 0.99 }] } });

    const execution = await execute('strict');

    expect(execution).toMatchObject({ status: 'REJECTED_BY_GATE', modelVersion: null });
    expect(execution.reasons[0]).toMatch(/^auc is 0\.\d+, at least 0\.99 is asked\.$/);
  });

  it('ends as FAILED, naming each finding, when the rows changed their unit', async () => {
    await addVersion(6000, 1.609);

    const execution = await execute('weekly');

    expect(execution).toMatchObject({ status: 'FAILED', modelVersion: null });
    expect(execution.reasons[0]).toContain("'distance' changed by one factor, 1.61");
  });
});
