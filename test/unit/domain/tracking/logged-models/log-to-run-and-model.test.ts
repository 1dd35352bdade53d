import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLoggedModelStore } from '../../../../../adapters/memory/memory-logged-model-store.ts';
import { MemoryRunStore } from '../../../../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../../../../adapters/memory/memory-store.ts';
import { createExperiment } from '../../../../../domain/tracking/experiments/create-experiment.ts';
import { getLoggedModel } from '../../../../../domain/tracking/logged-models/change-logged-model.ts';
import { createLoggedModel } from '../../../../../domain/tracking/logged-models/create-logged-model.ts';
import { logBatchAboutModels } from '../../../../../domain/tracking/logged-models/log-batch-about-models.ts';
import type { MetricOfModel } from '../../../../../domain/tracking/logged-models/log-model-metrics.ts';
import { logOutputs } from '../../../../../domain/tracking/logged-models/log-outputs.ts';
import { toMetricOfModel } from '../../../../../domain/tracking/logged-models/logged-model-view.ts';
import { createRun } from '../../../../../domain/tracking/runs/create-run.ts';
import { logInputs } from '../../../../../domain/tracking/runs/log-inputs.ts';
import { getRun, moveRun } from '../../../../../domain/tracking/runs/manage-runs.ts';
import { toMlflowRun } from '../../../../../domain/tracking/views.ts';
import { makeTestContext, makeTestRandomBytes } from '../../../../support/call-context.ts';

const context = makeTestContext();
const nothing = { params: [], tags: [] };
let runs: MemoryRunStore;
let models: MemoryLoggedModelStore;
let runId: string;
let modelId: string;

const metric = (more: Partial<MetricOfModel> = {}): MetricOfModel => ({
  ...{ key: 'rmse', value: 0.5, timestamp: 1000, step: 0, modelId },
  ...more,
});
const log = (...metrics: MetricOfModel[]) =>
  logBatchAboutModels({ runs, models }, context, runId, { metrics, ...nothing });
const readRun = () => getRun(runs, context, runId);
const readModel = () => getLoggedModel(models, context, modelId);

beforeEach(async () => {
  const store = new MemoryStore();
  runs = new MemoryRunStore(store);
  models = new MemoryLoggedModelStore(store);
  const deps = { store, runs, models, randomBytes: makeTestRandomBytes() };
  const { experimentId } = await createExperiment(store, context, { name: 'flights' });
  runId = (await createRun(deps, context, { experimentId, tags: [] })).runId;
  modelId = (await createLoggedModel(deps, context, { experimentId, ...nothing })).modelId;
});

describe('a metric about a model', () => {
  it('is the run’s as well as the model’s', async () => {
    await log(metric({ datasetName: 'flights', datasetDigest: 'd1' }), metric({ key: 'loss', modelId: '' }));

    const { latest } = await readRun();
    const point = { key: 'rmse', value: 0.5, timestamp: 1000, step: 0 };
    expect(latest).toEqual({ rmse: point, loss: { ...point, key: 'loss' } });
    expect((await readModel()).metrics).toEqual([
      { ...point, runId, datasetName: 'flights', datasetDigest: 'd1' },
    ]);
  });

  it('that is unknown leaves nothing on the run', async () => {
    await expect(log(metric(), metric({ modelId: 'm-nope' }))).rejects.toMatchObject({ status: 400 });

    expect((await readRun()).latest).toEqual({});
    expect((await readModel()).metrics).toEqual([]);
  });

  it('of a deleted run is refused, and leaves nothing on the model', async () => {
    await moveRun(runs, context, runId, 'deleted');

    await expect(log(metric())).rejects.toThrow(
      `The run ${runId} must be in the 'active' state. Current state is deleted.`,
    );
    expect((await readModel()).metrics).toEqual([]);
  });

  it.each([{ datasetName: 'flights' }, { datasetDigest: 'd1' }])(
    'needs a dataset’s name and digest together: %j',
    async (half) => {
      await expect(log(metric(half))).rejects.toThrow(
        'Both dataset_name and dataset_digest must be provided if one is provided',
      );
      expect((await readRun()).latest).toEqual({});
    },
  );

  it('is read from MLflow’s JSON, where an empty text is none', () => {
    const point = { key: 'a', value: 1, timestamp: 2, step: 3 };

    expect(toMetricOfModel({ ...point, model_id: '', dataset_name: '', dataset_digest: '' })).toEqual(point);
    expect(toMetricOfModel({ ...point, model_id: 'm', dataset_name: 'd', dataset_digest: 'x' })).toEqual({
      ...point,
      ...{ modelId: 'm', datasetName: 'd', datasetDigest: 'x' },
    });
  });
});

describe('models of a run', () => {
  it('that it made are added once a step', async () => {
    const output = { modelId, step: 1 };

    await logOutputs(runs, context, runId, [output, { modelId: 'm-other', step: 0 }]);
    await logOutputs(runs, context, runId, [output, { modelId, step: 2 }]);
    const { revision } = (await runs.find(context.tenant, runId)) ?? {};
    await logOutputs(runs, context, runId, [output]);

    expect(toMlflowRun(await readRun()).outputs.model_outputs).toEqual([
      { model_id: modelId, step: 1 },
      { model_id: 'm-other', step: 0 },
      { model_id: modelId, step: 2 },
    ]);
    expect((await runs.find(context.tenant, runId))?.revision).toBe(revision);
  });

  it('that it used are added once', async () => {
    await logInputs(runs, context, runId, [], [modelId]);
    await logInputs(runs, context, runId, [], ['m-other', modelId]);

    expect(toMlflowRun(await readRun()).inputs.model_inputs).toEqual([
      { model_id: modelId },
      { model_id: 'm-other' },
    ]);
  });
});
