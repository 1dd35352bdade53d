import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLoggedModelStore } from '../../../../../adapters/memory/memory-logged-model-store.ts';
import { MemoryStore } from '../../../../../adapters/memory/memory-store.ts';
import { createExperiment } from '../../../../../domain/tracking/experiments/create-experiment.ts';
import { getLoggedModel } from '../../../../../domain/tracking/logged-models/change-logged-model.ts';
import { createLoggedModel } from '../../../../../domain/tracking/logged-models/create-logged-model.ts';
import { MAX_EARLIER_METRICS } from '../../../../../domain/tracking/logged-models/link-metrics.ts';
import {
  findModelsOfMetrics,
  logModelMetrics,
  type MetricOfModel,
} from '../../../../../domain/tracking/logged-models/log-model-metrics.ts';
import { toMlflowLoggedModel } from '../../../../../domain/tracking/logged-models/logged-model-view.ts';
import { makeTestContext, makeTestRandomBytes } from '../../../../support/call-context.ts';

const context = makeTestContext();
const { tenant } = context;
let models: MemoryLoggedModelStore;
let modelId: string;
let otherId: string;

const metric = (more: Partial<MetricOfModel> = {}): MetricOfModel => ({
  ...{ modelId, key: 'rmse', value: 0.5, timestamp: 1000, step: 0 },
  ...more,
});

async function log(runId: string, ...metrics: MetricOfModel[]) {
  await logModelMetrics(models, context, await findModelsOfMetrics(models, context, runId, metrics));
}

const metricsOf = async (id: string) => (await getLoggedModel(models, context, id)).metrics;

beforeEach(async () => {
  const store = new MemoryStore();
  models = new MemoryLoggedModelStore(store);
  const deps = { store, models, randomBytes: makeTestRandomBytes() };
  const { experimentId } = await createExperiment(store, context, { name: 'flights' });
  const input = { experimentId, params: [], tags: [] };
  modelId = (await createLoggedModel(deps, context, input)).modelId;
  otherId = (await createLoggedModel(deps, context, input)).modelId;
});

describe('metrics of a model', () => {
  it('are kept with run and dataset, in the order of logging', async () => {
    await log('r1', metric({ step: 1, timestamp: 2000 }), metric({ value: 0.4 }));
    await log('r2', metric({ datasetName: 'flights', datasetDigest: 'd1' }));

    const { data } = toMlflowLoggedModel(await getLoggedModel(models, context, modelId));

    const known = { key: 'rmse', model_id: modelId };
    expect(data.metrics).toEqual([
      { ...known, value: 0.5, timestamp: 2000, step: 1, run_id: 'r1' },
      { ...known, value: 0.4, timestamp: 1000, step: 0, run_id: 'r1' },
      {
        ...{ ...known, value: 0.5, timestamp: 1000, step: 0, run_id: 'r2' },
        ...{ dataset_name: 'flights', dataset_digest: 'd1' },
      },
    ]);
  });

  it('go to each model that a batch names, and to none without one', async () => {
    await log('r1', metric(), metric({ modelId: otherId, value: 1 }), metric({ modelId: '' }), {
      ...{ key: 'loss', value: 2, timestamp: 1, step: 0 },
    });

    expect((await metricsOf(modelId)).map(({ value }) => value)).toEqual([0.5]);
    expect((await metricsOf(otherId)).map(({ value }) => value)).toEqual([1]);
  });

  it('are finite numbers: NaN is 0 and infinity the largest one, as in MLflow', async () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

    await log('r1', ...values.map((value, step) => metric({ value, step })));

    const kept = (await metricsOf(modelId)).map(({ value }) => value);
    expect(kept).toEqual([0, Number.MAX_VALUE, -Number.MAX_VALUE]);
  });

  it('are written once, however often they come', async () => {
    await log('r1', metric(), metric());
    await log('r1', metric());

    expect(await metricsOf(modelId)).toHaveLength(1);
    expect((await models.find(tenant, modelId))?.revision).toBe(2);
  });

  it('of a model that nobody knows are refused before anything is written', async () => {
    const found = findModelsOfMetrics(models, context, 'r1', [metric(), metric({ modelId: 'm-nope' })]);

    await expect(found).rejects.toMatchObject({ code: 'BAD_REQUEST', status: 400 });
  });

  it('arrive all when many write at once', async () => {
    await Promise.all(Array.from({ length: 16 }, (_, step) => log('r1', metric({ step }))));

    expect(await metricsOf(modelId)).toHaveLength(16);
  });

  it('keep the latest of each kind, and the youngest of the rest', async () => {
    const steps = Array.from({ length: MAX_EARLIER_METRICS + 100 }, (_, step) =>
      metric({ step, timestamp: step }),
    );
    await log('r1', metric({ key: 'loss', timestamp: 9 }), metric({ key: 'loss', timestamp: 3 }));

    await log('r1', ...steps);

    const kept = await metricsOf(modelId);
    expect(kept).toHaveLength(MAX_EARLIER_METRICS + 2);
    expect(kept.filter(({ key }) => key === 'loss').map(({ timestamp }) => timestamp)).toEqual([9]);
    expect(kept.at(1)?.step).toBe(99);
  });
});
