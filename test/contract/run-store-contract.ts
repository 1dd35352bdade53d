import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { Store } from '../../domain/shared/store.ts';
import { moveExperiment } from '../../domain/tracking/experiments/change-experiment.ts';
import { createExperiment } from '../../domain/tracking/experiments/create-experiment.ts';
import type { Experiment } from '../../domain/tracking/experiments/experiment.ts';
import type { RunStore } from '../../domain/tracking/ports.ts';
import type { MetricPoint, Run } from '../../domain/tracking/runs/run.ts';
import { formatRunId } from '../../domain/tracking/runs/run-id.ts';
import { makeTestContext } from '../support/call-context.ts';

function makeRun({ experimentId, moves }: Experiment, overrides: Partial<Run> = {}, shard = 0): Run {
  const { startTime = 1000 } = overrides;
  const runId = formatRunId({ startTime, experimentId, shard }, randomBytes(8));
  return {
    ...{ runId, experimentId, name: 'calm-fern-101', userId: 'ada', status: 'RUNNING', startTime },
    artifactUri: `mlflow-artifacts:/${experimentId}/${runId}/artifacts`,
    lifecycleStage: 'active',
    moves,
    params: {},
    tags: {},
    latest: {},
    recent: [],
    inputs: [],
    modelInputs: [],
    modelOutputs: [],
    writers: ['tok_alice'],
    ...overrides,
  };
}

const point = (key: string, value: number, timestamp = 5): MetricPoint => ({
  key,
  value,
  timestamp,
  step: -1,
});

/** What every run store must do; run over the in-memory and the DynamoDB one. Each test has its own tenant. */
export function describeRunStore(
  name: string,
  open: () => Promise<{ readonly store: Store; readonly runs: RunStore }>,
): void {
  let runs: RunStore;
  let store: Store;
  const newTenant = () => `t${randomUUID().slice(0, 8)}`;
  const newExperiment = (tenant: string, experimentName = 'flights') =>
    createExperiment(store, makeTestContext({ tenant }), { name: experimentName });

  async function readHistory(tenant: string, runId: string, key: string) {
    const parts = [];
    for await (const part of runs.readHistory(tenant, runId, key)) parts.push(part);
    return parts;
  }

  describe(`the run store (${name})`, () => {
    beforeAll(async () => {
      ({ runs, store } = await open());
    });

    it('finds a run by its id with its experiment, special values and all, and only in its tenant', async () => {
      const tenant = newTenant();
      const experiment = await newExperiment(tenant);
      const values = {
        nan: Number.NaN,
        max: Number.MAX_VALUE,
        small: 1e-300,
        zero: -0,
        short: 0.8312,
        pi: Math.PI,
      };
      const run = makeRun(experiment, {
        latest: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, point(key, value)])),
        recent: [point('pi', 3), { ...point('pi', 2), step: -(2 ** 60), timestamp: 2 ** 60 }],
        endTime: 7,
        deletedAt: 9,
        params: Object.fromEntries([
          ['__proto__', 'x'],
          ['1', 'ä"\\'],
        ]),
        tags: { 'mlflow.runName': 'a' },
        inputs: [{ name: 'd', digest: '1', tags: [{ key: 'a', value: 'b' }] }],
        modelInputs: ['m-1'],
        modelOutputs: [{ modelId: 'm-2', step: 3 }],
        artifactUri: 's3://elsewhere/x?y=z',
      });
      await runs.create(tenant, run);

      expect(await runs.find(tenant, run.runId)).toEqual({ run, revision: 1, experiment });
      expect(await runs.find(newTenant(), run.runId)).toBeUndefined();
      expect(await runs.find(tenant, 'not-an-id')).toBeUndefined();
    });

    it('finds a run as its experiment leaves it', async () => {
      const tenant = newTenant();
      const experiment = await newExperiment(tenant);
      const run = makeRun(experiment);
      await runs.create(tenant, run);
      await moveExperiment(store, makeTestContext({ tenant }), experiment.experimentId, 'deleted');

      const [deleted] = await runs.findExperiments(tenant, [experiment.experimentId, '77']);
      const listed = await runs.listRuns(tenant, deleted!, {});

      expect((await runs.find(tenant, run.runId))?.run.lifecycleStage).toBe('deleted');
      expect(listed.items.map(({ lifecycleStage }) => lifecycleStage)).toEqual(['deleted']);
    });

    it('refuses to create an id twice and to save over a change', async () => {
      const tenant = newTenant();
      const run = makeRun(await newExperiment(tenant));
      await runs.create(tenant, run);
      await runs.save(tenant, { ...run, name: 'second' }, 1);

      await expect(runs.create(tenant, run)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      await expect(runs.save(tenant, run, 1)).rejects.toBeInstanceOf(ConcurrentChangeError);
      expect((await runs.find(tenant, run.runId))?.run.name).toBe('second');
    });

    it.each([1, 4])(
      'lists an experiment newest first, ties by id, across pages and %i shards',
      async (shards) => {
        const tenant = newTenant();
        const experiment = { ...(await newExperiment(tenant)), shards };
        const other = await newExperiment(tenant, 'other');
        const times = [3000, 1000, 2000, 2000, 2500, 1500];
        const made = times.map((startTime, i) => makeRun(experiment, { startTime }, i % shards));
        for (const run of [...made, makeRun(other)]) await runs.create(tenant, run);
        const wanted = [...made]
          .sort((a, b) => b.startTime - a.startTime || (a.runId < b.runId ? -1 : 1))
          .map(({ runId }) => runId);

        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await runs.listRuns(tenant, experiment, { limit: 2, cursor });
          expect(page.items.length).toBeLessThanOrEqual(2);
          seen.push(...page.items.map(({ runId }) => runId));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);

        expect(seen).toEqual(wanted);
      },
    );

    it('holds a run of more than one item, also among others and after it became smaller', async () => {
      const tenant = newTenant();
      const experiment = await newExperiment(tenant);
      const noise = (count: number) =>
        Object.fromEntries(
          Array.from({ length: count }, (_, i) => [`p${i}`, randomBytes(3000).toString('hex')]),
        );
      const large = makeRun(experiment, { startTime: 2000, params: noise(250) });
      const around = [3000, 1000].map((startTime) => makeRun(experiment, { startTime }));
      for (const run of [large, ...around]) await runs.create(tenant, run);

      const listed = await runs.listRuns(tenant, experiment, {});
      const found = await runs.find(tenant, large.runId);
      await runs.save(tenant, { ...large, params: {} }, 1);

      expect(listed.items).toEqual([around[0], large, around[1]]);
      expect(found?.run).toEqual(large);
      expect((await runs.find(tenant, large.runId))?.run.params).toEqual({});
      const after = await runs.listRuns(tenant, experiment, {});
      expect(after.items.map(({ runId }) => runId)).toEqual([
        around[0]!.runId,
        large.runId,
        around[1]!.runId,
      ]);
    });

    it.each([3, 3000])('keeps a chunk of %i points with the run, by its earliest point', async (size) => {
      const tenant = newTenant();
      const run = makeRun(await newExperiment(tenant));
      await runs.create(tenant, run);
      const points = (from: number) =>
        Array.from({ length: size }, (_, i) => point(i % 3 === 0 ? 'a' : 'b', Math.sqrt(i), from + i));
      await runs.save(tenant, run, 1, { chunk: { id: 'c1', points: points(50_000) } });
      await runs.save(tenant, run, 2, { chunk: { id: 'c2', points: points(10) } });

      const lost = runs.save(tenant, run, 1, { chunk: { id: 'c3', points: points(1) } });

      await expect(lost).rejects.toBeInstanceOf(ConcurrentChangeError);
      const parts = await readHistory(tenant, run.runId, 'a');
      expect(parts.map(({ fromTimestamp }) => fromTimestamp)).toEqual([10, 50_000]);
      expect(parts[0]?.points).toEqual(points(10).filter(({ key }) => key === 'a'));
    });

    it('keeps a dataset as it came first, with all of its contexts', async () => {
      const tenant = newTenant();
      const dataset = { name: 'd', digest: '1', source_type: 's3', source: 's3://x', schema: '{}' };
      await runs.addDatasets(tenant, '1', [{ dataset, contexts: ['training'] }]);
      await runs.addDatasets(tenant, '1', [
        { dataset: { ...dataset, source: 's3://y' }, contexts: ['eval', ''] },
        { dataset: { ...dataset, name: 'e' }, contexts: [''] },
      ]);

      const found = await runs.findDatasets(tenant, '1', [dataset, { name: 'x', digest: '1' }]);
      const listed = await runs.listDatasets(tenant, '1', 10);

      expect(found).toEqual([dataset]);
      expect(listed).toHaveLength(2);
      expect(listed).toContainEqual({ dataset, contexts: ['', 'eval', 'training'] });
      expect(listed).toContainEqual({ dataset: { ...dataset, name: 'e' }, contexts: [''] });
      expect(await runs.listDatasets(tenant, '2', 10)).toEqual([]);
    });

    it('removes a run with its history, and no other', async () => {
      const tenant = newTenant();
      const experiment = await newExperiment(tenant);
      const [gone, kept] = [makeRun(experiment), makeRun(experiment)];
      for (const run of [gone, kept]) {
        await runs.create(tenant, run);
        await runs.save(tenant, run, 1, { chunk: { id: 'c', points: [point('a', 1)] } });
      }

      await runs.remove(tenant, gone.runId);

      expect(await runs.find(tenant, gone.runId)).toBeUndefined();
      expect(await readHistory(tenant, gone.runId, 'a')).toEqual([]);
      expect(await readHistory(tenant, kept.runId, 'a')).toHaveLength(1);
    });
  });
}
