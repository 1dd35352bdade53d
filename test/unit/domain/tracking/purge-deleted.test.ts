import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLoggedModelStore } from '../../../../adapters/memory/memory-logged-model-store.ts';
import { MemoryRunStore } from '../../../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { putTrash } from '../../../../domain/shared/trash.ts';
import { moveExperiment } from '../../../../domain/tracking/experiments/change-experiment.ts';
import { createExperiment } from '../../../../domain/tracking/experiments/create-experiment.ts';
import { getExperiment, getExperimentByName } from '../../../../domain/tracking/experiments/experiment.ts';
import { createLoggedModel } from '../../../../domain/tracking/logged-models/create-logged-model.ts';
import { deleteLoggedModel } from '../../../../domain/tracking/logged-models/manage-logged-models.ts';
import { purgeDeleted } from '../../../../domain/tracking/purge-deleted.ts';
import { createRun } from '../../../../domain/tracking/runs/create-run.ts';
import { getRun, moveRun } from '../../../../domain/tracking/runs/manage-runs.ts';
import { makeTestContext, makeTestRandomBytes, NOON_MS } from '../../../support/call-context.ts';

const context = makeTestContext();
const later = makeTestContext({ nowMs: NOON_MS + 1000 });
let store: MemoryStore;
let runs: MemoryRunStore;
let models: MemoryLoggedModelStore;
let removed: string[];
let randomBytes: (size: number) => Uint8Array;

beforeEach(() => {
  store = new MemoryStore();
  runs = new MemoryRunStore(store);
  models = new MemoryLoggedModelStore(store);
  removed = [];
  randomBytes = makeTestRandomBytes();
});

const startRun = (experimentId: string) =>
  createRun({ store, runs, randomBytes }, context, { experimentId, tags: [] });

function purge(beforeMs: number, hasTime = () => true) {
  const deps = {
    store,
    runs,
    models,
    removeArtifacts: async (tenant: string, uri: string) => void removed.push(`${tenant} ${uri}`),
    removeFiles: async (prefix: string) => void removed.push(prefix),
    contextFor: (tenant: string) => makeTestContext({ tenant, actor: 'system:purge-deleted' }),
    hasTime,
  };
  return purgeDeleted(deps, beforeMs);
}

describe('purging', () => {
  it('removes an experiment with all of its runs and files, and frees its name', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    const { runId } = await startRun(experimentId);
    await moveExperiment(store, context, experimentId, 'deleted');

    const early = await purge(NOON_MS);
    const due = await purge(NOON_MS + 1);

    expect([early, due, await purge(NOON_MS + 1)]).toEqual([0, 1, 0]);
    await expect(getExperiment(store, context, experimentId)).rejects.toMatchObject({ status: 404 });
    await expect(getExperimentByName(store, context, 'a')).rejects.toMatchObject({ status: 404 });
    await expect(getRun(runs, context, runId)).rejects.toMatchObject({ status: 404 });
    expect(removed).toEqual([
      `acme mlflow-artifacts:/${experimentId}/${runId}/artifacts`,
      `acme mlflow-artifacts:/${experimentId}`,
    ]);
    await createExperiment(store, context, { name: 'a' });
    expect(store.events.at(-2)).toMatchObject({ actor: 'system:purge-deleted', data: { change: 'purged' } });
  });

  it('removes a run alone, and leaves one that was restored', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    const [gone, restored] = [await startRun(experimentId), await startRun(experimentId)];
    for (const { runId } of [gone, restored]) await moveRun(runs, context, runId, 'deleted');
    await moveRun(runs, later, restored.runId, 'active');

    await purge(NOON_MS + 1);

    await expect(getRun(runs, context, gone.runId)).rejects.toMatchObject({ status: 404 });
    expect((await getRun(runs, context, restored.runId)).lifecycleStage).toBe('active');
    expect(removed).toHaveLength(1);
  });

  it('leaves an experiment that was restored and deleted again to its later entry', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    await moveExperiment(store, context, experimentId, 'deleted');
    await moveExperiment(store, context, experimentId, 'active');
    await moveExperiment(store, later, experimentId, 'deleted');

    await purge(NOON_MS + 1);
    const kept = await getExperiment(store, context, experimentId);
    await purge(NOON_MS + 1001);

    expect(kept.value.lifecycleStage).toBe('deleted');
    await expect(getExperiment(store, context, experimentId)).rejects.toMatchObject({ status: 404 });
  });

  it('takes up next time what it had no time for', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    for (let i = 0; i < 3; i++) await startRun(experimentId);
    await moveExperiment(store, context, experimentId, 'deleted');
    let left = 2;

    const first = await purge(NOON_MS + 1, () => left-- > 0);
    const second = await purge(NOON_MS + 1);

    expect([first, second]).toEqual([0, 1]);
    expect(removed).toHaveLength(4);
  });

  it('keeps the location that experiments share', async () => {
    const artifactLocation = 'mlflow-artifacts:/shared';
    const { experimentId } = await createExperiment(store, context, { name: 'a', artifactLocation });
    const { runId } = await startRun(experimentId);
    await moveExperiment(store, context, experimentId, 'deleted');

    await purge(NOON_MS + 1);

    expect(removed).toEqual([`acme mlflow-artifacts:/shared/${runId}/artifacts`]);
  });

  it('removes a logged model with its files, alone or with its experiment', async () => {
    const { experimentId } = await createExperiment(store, context, { name: 'a' });
    const create = () =>
      createLoggedModel({ store, models, randomBytes }, context, { experimentId, params: [], tags: [] });
    const [alone, other] = [await create(), await create()];
    await deleteLoggedModel(models, context, alone.modelId);

    await purge(NOON_MS + 1);
    const [gone, kept] = [await models.find('acme', alone.modelId), await models.find('acme', other.modelId)];
    await moveExperiment(store, later, experimentId, 'deleted');
    await purge(NOON_MS + 1001);

    expect([gone, kept?.model]).toEqual([undefined, other]);
    expect((await models.list('acme', experimentId, { limit: 10 })).items).toEqual([]);
    expect(removed).toEqual([
      `acme ${alone.artifactUri}`,
      `acme ${other.artifactUri}`,
      `acme mlflow-artifacts:/${experimentId}`,
    ]);
    const told = store.events.filter(({ detailType }) => detailType === 'LoggedModelChanged');
    expect(told.map(({ data }) => data.change)).toEqual(['deleted', 'purged']);
  });

  it('removes files without an owner', async () => {
    const prefix = 'tenants/acme/models/m/versions/1/';
    await store.commit([putTrash(context, { tenant: 'acme', kind: 'files', prefix, deletedAt: NOON_MS })]);

    await purge(NOON_MS + 1);

    expect(removed).toEqual([prefix]);
  });
});
