import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { Change, Store } from '../../domain/shared/store.ts';
import { createExperiment } from '../../domain/tracking/experiments/create-experiment.ts';
import type { Experiment } from '../../domain/tracking/experiments/experiment.ts';
import { formatModelId, type LoggedModel } from '../../domain/tracking/logged-models/logged-model.ts';
import type { LoggedModelStore } from '../../domain/tracking/logged-models/ports.ts';
import { makeTestContext } from '../support/call-context.ts';

function makeModel({ experimentId }: Experiment, overrides: Partial<LoggedModel> = {}): LoggedModel {
  const { creationTimestamp = 1000 } = overrides;
  const modelId = formatModelId(creationTimestamp, experimentId, randomBytes(6));
  return {
    modelId,
    experimentId,
    name: 'forest',
    modelType: 'sklearn',
    sourceRunId: '',
    artifactUri: `mlflow-artifacts:/${experimentId}/models/${modelId}/artifacts`,
    status: 'LOGGED_MODEL_PENDING',
    lifecycleStage: 'active',
    creationTimestamp,
    lastUpdatedTimestamp: creationTimestamp,
    createdBy: 'ada',
    params: {},
    tags: {},
    metrics: [],
    ...overrides,
  };
}

/** What every store of logged models must do; run over the in-memory and the DynamoDB one. Each test has its own tenant. */
export function describeLoggedModelStore(
  name: string,
  open: () => Promise<{ readonly store: Store; readonly models: LoggedModelStore }>,
): void {
  let models: LoggedModelStore;
  let store: Store;
  const newTenant = () => `t${randomUUID().slice(0, 8)}`;
  const newExperiment = (tenant: string, experimentName = 'flights') =>
    createExperiment(store, makeTestContext({ tenant }), { name: experimentName });

  describe(`the store of logged models (${name})`, () => {
    beforeAll(async () => {
      ({ models, store } = await open());
    });

    it('finds a model by its id with all that it has, and only in its tenant', async () => {
      const tenant = newTenant();
      const point = { key: 'rmse', value: Number.MAX_VALUE, timestamp: 5, step: -1, runId: 'r1' };
      const experiment = await newExperiment(tenant);
      const model = makeModel(experiment, {
        status: 'LOGGED_MODEL_READY',
        lifecycleStage: 'deleted',
        lastUpdatedTimestamp: 2000,
        params: { '': 'empty key', 'ключ "q"': 'π' },
        tags: { a: '', ['x'.repeat(250)]: 'y'.repeat(9000) },
        metrics: [point, { ...point, value: 1e-300, datasetName: 'flights', datasetDigest: 'd1' }],
      });
      await models.create(tenant, model);

      expect(await models.find(tenant, model.modelId)).toEqual({ model, revision: 1, experiment });
      expect(await models.find(newTenant(), model.modelId)).toBeUndefined();
      expect(await models.find(tenant, 'm-not-an-id')).toBeUndefined();
    });

    it('refuses to create an id twice and to save over a change', async () => {
      const tenant = newTenant();
      const experiment = await newExperiment(tenant);
      const model = makeModel(experiment);
      await models.create(tenant, model);
      await models.save(tenant, { ...model, name: 'second' }, 1);

      await expect(models.create(tenant, model)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      await expect(models.save(tenant, model, 1)).rejects.toBeInstanceOf(ConcurrentChangeError);
      expect((await models.find(tenant, model.modelId))?.model.name).toBe('second');
    });

    it('commits changes of the platform’s store with a model, or neither', async () => {
      const tenant = newTenant();
      const model = makeModel(await newExperiment(tenant));
      const key = (id: string) => ({ tenant, kind: 'note', id });
      const note = (id: string): Change => ({ put: key(id), value: id, expect: 'absent' });
      await models.create(tenant, model, [note('first')]);
      await models.save(tenant, { ...model, name: 'second' }, 1, [note('second'), note('third')]);

      const late = models.save(tenant, model, 1, [note('late')]);

      await expect(late).rejects.toBeInstanceOf(ConcurrentChangeError);
      const ids = ['first', 'second', 'third', 'late'];
      const kept = await Promise.all(ids.map((id) => store.get<string>(key(id))));
      expect(kept.map((item) => item?.value)).toEqual(['first', 'second', 'third', undefined]);
    });

    it('finds no model of an experiment that is gone, and the experiments that are there', async () => {
      const tenant = newTenant();
      const experiment = await newExperiment(tenant);
      const model = makeModel({ ...experiment, experimentId: '99' });
      await models.create(tenant, model);

      expect(await models.find(tenant, model.modelId)).toBeUndefined();
      expect(await models.findExperiments(tenant, ['99', experiment.experimentId])).toEqual([experiment]);
    });

    it('lists an experiment newest first, ties by id, across pages', async () => {
      const tenant = newTenant();
      const experiment = await newExperiment(tenant);
      const other = await newExperiment(tenant, 'other');
      const made = [3000, 1000, 2000, 2000].map((creationTimestamp) =>
        makeModel(experiment, { creationTimestamp }),
      );
      for (const model of [...made, makeModel(other)]) await models.create(tenant, model);
      const [newest, oldest, ...twins] = made.map(({ modelId }) => modelId);

      const first = await models.list(tenant, experiment.experimentId, { limit: 2 });
      const second = await models.list(tenant, experiment.experimentId, {
        limit: 10,
        cursor: first.nextCursor ?? undefined,
      });

      const ids = [...first.items, ...second.items].map(({ modelId }) => modelId);
      expect(ids).toEqual([newest, ...twins.sort(), oldest]);
      expect(second.nextCursor).toBeNull();
    });

    it('goes on behind a model that was removed meanwhile', async () => {
      const tenant = newTenant();
      const experiment = await newExperiment(tenant);
      const [newest, second, third] = [3000, 2000, 1000].map((creationTimestamp) =>
        makeModel(experiment, { creationTimestamp }),
      );
      for (const model of [newest, second, third]) await models.create(tenant, model as LoggedModel);
      const { nextCursor } = await models.list(tenant, experiment.experimentId, { limit: 2 });

      await models.remove(tenant, (second as LoggedModel).modelId);
      await models.remove(tenant, (second as LoggedModel).modelId);
      const page = await models.list(tenant, experiment.experimentId, {
        limit: 10,
        cursor: nextCursor ?? undefined,
      });

      expect(page.items.map(({ modelId }) => modelId)).toEqual([third?.modelId]);
      expect(await models.find(tenant, (second as LoggedModel).modelId)).toBeUndefined();
    });
  });
}
