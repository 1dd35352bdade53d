import { describe, expect, it } from 'vitest';
import { createTrainingLog } from '../../../../adapters/dynamodb/training-log.ts';
import { MemoryRunStore } from '../../../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { resolveInputs } from '../../../../domain/tracking/runs/log-inputs.ts';
import { getRun } from '../../../../domain/tracking/runs/manage-runs.ts';
import { makeTestContext } from '../../../support/call-context.ts';

const context = makeTestContext();
const SHA256 = 'ab'.repeat(32);

describe('the MLflow run of a training', () => {
  it('names the dataset version, whose digest is longer than MLflow takes', async () => {
    const store = new MemoryStore();
    const runs = new MemoryRunStore(store);
    const log = createTrainingLog(store, runs);
    const execution = { id: 'exe_1', pipeline: 'weekly', createdAt: '2026-01-01T00:00:00.000Z' };
    const runId = await log.begin(context, execution);

    const dataset = { name: 'flights', version: 3, digest: SHA256 };
    await log.log(context, runId, { dataset });

    const run = await getRun(runs, context, runId);
    const inputs = (await resolveInputs(runs, context.tenant, [run])).get(runId);
    expect(inputs).toMatchObject([
      {
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
        dataset: {
          name: 'flights',
          digest: SHA256.slice(0, 36),
          source: JSON.stringify({ dataset: 'flights', version: 3, digest: SHA256 }),
        },
      },
    ]);
  });
});
