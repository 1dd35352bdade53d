import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import {
  AlreadyExistsError,
  ConflictError,
  NotFoundError,
  PreconditionFailedError,
} from '../../../../domain/shared/domain-error.ts';
import {
  createPipeline,
  deletePipeline,
  getPipeline,
  listPipelines,
  putPipeline,
} from '../../../../domain/training/manage-pipelines.ts';
import { makeTestContext } from '../../../support/call-context.ts';
import { makeSettings, TrainingWorld } from '../../../support/training-world.ts';

const context = makeTestContext();

describe('training pipelines', () => {
  it('are made with every default filled in', async () => {
    const store = new MemoryStore();

    const { value, revision } = await createPipeline(store, context, { name: 'weekly', ...makeSettings() });

    expect(revision).toBe(1);
    expect(value).toMatchObject({
      features: null,
      split: { validationShare: 0.15, holdOutShare: 0.15 },
      search: { trials: 8, concurrency: 2, seed: 1, fixed: {} },
      gate: { minRows: 100, requireComparison: true },
      createdBy: 'tok_alice',
    });
    expect((await listPipelines(store, 'acme', { limit: 10 })).items).toHaveLength(1);
  });

  it('have a name of their own', async () => {
    const world = await new TrainingWorld().prepare();

    const again = createPipeline(world.store, context, { name: 'weekly', ...makeSettings() });

    await expect(again).rejects.toThrow(AlreadyExistsError);
  });

  it('are replaced as a whole, or made, and keep who made them', async () => {
    const world = await new TrainingWorld().prepare();
    const bob = makeTestContext({ actor: 'tok_bob' });

    const put = await putPipeline(world.store, bob, 'weekly', makeSettings({ features: ['hour'] }), 1);
    const made = await putPipeline(world.store, bob, 'monthly', makeSettings());

    expect(put).toMatchObject({ revision: 2, value: { features: ['hour'], createdBy: 'tok_alice' } });
    expect(made).toMatchObject({ revision: 1, value: { createdBy: 'tok_bob' } });
    expect(world.store.events.at(-2)).toMatchObject({ detailType: 'TrainingPipelineUpdated', sequence: 2 });
  });

  it('are not changed by whoever read an older revision', async () => {
    const world = await new TrainingWorld().prepare();

    const put = putPipeline(world.store, context, 'weekly', makeSettings(), 7);
    const deletion = deletePipeline(world.store, context, 'weekly', 7);

    await expect(put).rejects.toThrow(PreconditionFailedError);
    await expect(deletion).rejects.toThrow(PreconditionFailedError);
  });

  it('are deleted when nothing runs', async () => {
    const world = await new TrainingWorld().prepare();
    await world.execute();
    await expect(deletePipeline(world.store, context, 'weekly')).rejects.toThrow(ConflictError);
    const idle = await new TrainingWorld().prepare();

    await deletePipeline(idle.store, context, 'weekly');

    await expect(getPipeline(idle.store, 'acme', 'weekly')).rejects.toThrow(NotFoundError);
  });

  it.each([
    ['the label among the features', { features: ['left'] }, 'features'],
    ['a metric of the other task', { search: { metric: 'rmse' } }, 'search.metric'],
    [
      'a threshold of the other task',
      { gate: { thresholds: [{ metric: 'mae' }] } },
      'gate.thresholds[0].metric',
    ],
    ['no rows left for training', { split: { validationShare: 0.5, holdOutShare: 0.5 } }, 'split'],
    [
      'a hold-out before the validation rows',
      { split: { validationFrom: '2026-02-01T00:00:00.000Z', holdOutFrom: '2026-01-01T00:00:00.000Z' } },
      'split.holdOutFrom',
    ],
    ['an option out of its range', { search: { fixed: { maxBins: 1000 } } }, 'maxBins'],
    ['a space out of its range', { search: { space: { maxBins: { values: [1000] } } } }, 'search.maxBins'],
  ])('are refused with %s', async (_, input, path) => {
    const creation = createPipeline(new MemoryStore(), context, { name: 'weekly', ...makeSettings(input) });

    await expect(creation).rejects.toMatchObject({ errors: [{ path }] });
  });
});
