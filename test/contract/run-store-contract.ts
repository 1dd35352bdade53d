import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { RunStore } from '../../domain/tracking/ports.ts';
import { formatRunId, type MetricPoint, type Run } from '../../domain/tracking/run.ts';

function makeRun(overrides: Partial<Run> = {}): Run {
  const { experimentId = '1', startTime = 1000 } = overrides;
  return {
    runId: formatRunId(startTime, experimentId, randomBytes(8)),
    experimentId,
    name: 'calm-fern-101',
    userId: 'ada',
    status: 'RUNNING',
    startTime,
    artifactUri: 'mlflow-artifacts:/1',
    lifecycleStage: 'active',
    params: {},
    tags: {},
    latest: {},
    inputs: [],
    ...overrides,
  };
}

/** What every run store must do; run over the in-memory and the DynamoDB one. Each test has its own tenant. */
export function describeRunStore(name: string, open: () => Promise<RunStore>): void {
  let runs: RunStore;
  const newTenant = () => `t${randomUUID().slice(0, 8)}`;

  describe(`the run store (${name})`, () => {
    beforeAll(async () => {
      runs = await open();
    });

    it('finds a run by its id, special values and all, and only in its tenant', async () => {
      const tenant = newTenant();
      const point = (key: string, value: number): MetricPoint => ({ key, value, timestamp: 5, step: -1 });
      const run = makeRun({
        latest: {
          nan: point('nan', Number.NaN),
          max: point('max', Number.MAX_VALUE),
          small: point('small', 1e-300),
        },
      });
      await runs.create(tenant, run);

      expect(await runs.find(tenant, run.runId)).toEqual({ run, revision: 1 });
      expect(await runs.find(newTenant(), run.runId)).toBeUndefined();
      expect(await runs.find(tenant, 'not-an-id')).toBeUndefined();
    });

    it('refuses to create an id twice and to save over a change', async () => {
      const tenant = newTenant();
      const run = makeRun();
      await runs.create(tenant, run);
      await runs.save(tenant, { ...run, name: 'second' }, 1);

      await expect(runs.create(tenant, run)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      await expect(runs.save(tenant, run, 1)).rejects.toBeInstanceOf(ConcurrentChangeError);
      expect((await runs.find(tenant, run.runId))?.run.name).toBe('second');
    });

    it('lists an experiment newest first, ties by id, across pages', async () => {
      const tenant = newTenant();
      const made = [3000, 1000, 2000, 2000].map((startTime) => makeRun({ startTime }));
      for (const run of [...made, makeRun({ experimentId: '2' })]) await runs.create(tenant, run);
      const [newest, oldest, ...twins] = made.map(({ runId }) => runId);

      const first = await runs.listRuns(tenant, '1', { limit: 2 });
      const second = await runs.listRuns(tenant, '1', { limit: 10, cursor: first.nextCursor ?? undefined });

      const ids = [...first.items, ...second.items].map(({ runId }) => runId);
      expect(ids).toEqual([newest, ...twins.sort(), oldest]);
      expect(second.nextCursor).toBeNull();
    });

    it('keeps history by key in the order of writing', async () => {
      const tenant = newTenant();
      const { runId } = makeRun();
      const points = [0, 1, 2].map((step) => ({
        key: step === 1 ? 'b' : 'a',
        value: step / 3,
        timestamp: 7,
        step,
      }));
      await runs.appendMetrics(tenant, runId, points.slice(0, 2), 'mtr_1');
      await runs.appendMetrics(tenant, runId, points.slice(2), 'mtr_2');
      await runs.appendMetrics(tenant, runId, points.slice(2), 'mtr_2');

      const page = await runs.listMetrics(tenant, runId, 'a', { limit: 10 });

      expect(page.items).toEqual([points[0], points[2]]);
    });
  });
}
