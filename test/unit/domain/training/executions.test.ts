import { describe, expect, it } from 'vitest';
import { getDatasetVersion } from '../../../../domain/datasets/dataset-records.ts';
import { ConflictError, NotFoundError } from '../../../../domain/shared/domain-error.ts';
import { getRun } from '../../../../domain/tracking/runs/manage-runs.ts';
import { TrainingEndedError } from '../../../../domain/training/errors.ts';
import { getExecution, toExecutionView } from '../../../../domain/training/execution.ts';
import { workPrefix } from '../../../../domain/training/execution-files.ts';
import { reconcileExecutions } from '../../../../domain/training/reconcile-executions.ts';
import {
  beginExecution,
  endExecution,
  listSteps,
  recordStep,
  stopExecution,
} from '../../../../domain/training/run-execution.ts';
import { isTraining } from '../../../../domain/training/running-executions.ts';
import { startTraining } from '../../../../domain/training/start-training.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';
import { TrainingWorld } from '../../../support/training-world.ts';

const context = makeTestContext();

const CAPTURES = {
  kind: 'captures',
  endpoint: 'shop',
  from: '2026-02-01T00:00:00.000Z',
  to: '2026-03-01T00:00:00.000Z',
  append: true,
} as const;

async function begin() {
  const world = await new TrainingWorld().prepare();
  const { value } = await world.execute();
  await beginExecution(world.deps, context, value.id);
  return { world, id: value.id };
}

describe('starting a training', () => {
  it('records the execution with its event and starts the machine under its id', async () => {
    const world = await new TrainingWorld().prepare(2);

    const { value } = await world.execute();

    expect(value).toMatchObject({ status: 'PENDING', datasetVersion: 2, model: 'churn', runId: null });
    expect(world.started).toEqual([
      { tenant: 'acme', actor: 'tok_alice', requestId: value.id, executionId: value.id },
    ]);
    expect(world.eventTypes()).toContain('TrainingStarted');
    expect(await isTraining(world.store, 'acme', 'weekly')).toBe(true);
    expect(await isTraining(world.store, 'other', 'weekly')).toBe(false);
  });

  it('answers the same execution for the same key, and makes one dataset version', async () => {
    const world = await new TrainingWorld().prepare();
    const request = {
      pipeline: 'weekly',
      source: CAPTURES,
      trigger: 'policy',
      cause: 'Drift is SEVERE',
      idempotencyKey: 'renew/evt_1',
    } as const;

    const first = await startTraining(world.deps, context, request);
    const second = await startTraining(world.deps, context, request);

    expect(second).toEqual(first);
    expect(first).toMatchObject({ dataset: 'rows', datasetVersion: 2 });
    expect(world.eventTypes().filter((type) => type === 'TrainingStarted')).toHaveLength(1);
  });

  it('asks for captured rows with the pipeline’s label and time, after those of the last READY version', async () => {
    const world = await new TrainingWorld().prepare();
    await world.addVersion('REFUSED');

    const { value } = await world.execute({ source: CAPTURES });

    const { value: version } = await getDatasetVersion(world.store, 'acme', 'rows', value.datasetVersion);
    expect(version).toMatchObject({
      status: 'PENDING',
      source: { kind: 'captures', endpoint: 'shop', label: 'left', timeColumn: 'at', appendTo: 1 },
    });
  });

  it('refuses a version that was refused, and one that is not there', async () => {
    const world = await new TrainingWorld().prepare();
    const refused = await world.addVersion('REFUSED');

    await expect(world.execute({ source: { kind: 'existing', version: refused } })).rejects.toThrow(
      ConflictError,
    );
    await expect(world.execute({ source: { kind: 'existing', version: 9 } })).rejects.toThrow(NotFoundError);
    await expect(world.execute({ pipeline: 'monthly' })).rejects.toThrow(NotFoundError);
  });
});

describe('an execution', () => {
  it('runs with a run in MLflow, and a repeat of the first state finds the same run', async () => {
    const { world, id } = await begin();
    const { value } = await getExecution(world.store, 'acme', id);

    const plan = await beginExecution(world.deps, context, id);

    expect(plan).toMatchObject({ needsBuild: false, datasetVersion: 1, trials: 8, concurrency: 2 });
    expect(value.status).toBe('RUNNING');
    const run = await getRun(world.runs, context, value.runId!);
    expect(run).toMatchObject({ name: id, status: 'RUNNING', userId: 'tok_alice' });
  });

  it('has a version built first whose rows nobody has read', async () => {
    const world = await new TrainingWorld().prepare();
    const { value } = await world.execute({ source: CAPTURES });

    const plan = await beginExecution(world.deps, context, value.id);

    expect(plan).toMatchObject({ needsBuild: true, dataset: 'rows', datasetVersion: 2 });
  });

  it('keeps one entry a step and trial, in the order of the machine', async () => {
    const { world, id } = await begin();
    const step = { startedAt: '2026-03-01T12:00:00.000Z', endedAt: '2026-03-01T12:00:01.000Z' };

    await recordStep(world.store, 'acme', id, { name: 'TrainModel', ...step, result: {} });
    await recordStep(world.store, 'acme', id, { name: 'TuneModel', ...step, result: { value: 2 } }, 1);
    await recordStep(world.store, 'acme', id, { name: 'TuneModel', ...step, result: { value: 0 } }, 0);
    await recordStep(world.store, 'acme', id, { name: 'TuneModel', ...step, result: { value: 1 } }, 0);

    const steps = await listSteps(world.store, 'acme', id);
    expect(steps.map(({ name, result }) => [name, result.value])).toEqual([
      ['TuneModel', 1],
      ['TuneModel', 2],
      ['TrainModel', undefined],
    ]);
  });

  it('succeeds with its version, its event and a finished run', async () => {
    const { world, id } = await begin();
    const result = { metrics: { auc: 0.7 }, champion: 3 };
    const step = { startedAt: '2026-03-01T12:00:00.000Z', endedAt: '2026-03-01T12:00:01.000Z', result };
    await recordStep(world.store, 'acme', id, { name: 'EvaluateModel', ...step });
    await world.files.write(`${workPrefix('acme', id)}fitting.rows`, new Uint8Array(1));

    const end = { status: 'SUCCEEDED', modelVersion: 4, approval: 'pending' } as const;
    const { value } = await endExecution(world.deps, context, id, end);

    expect(value).toMatchObject({ status: 'SUCCEEDED', modelVersion: 4, champion: 3, metrics: { auc: 0.7 } });
    expect(world.store.events.at(-1)).toMatchObject({
      detailType: 'ModelTrained',
      data: { executionId: id, modelVersion: 4, champion: 3, approval: 'pending' },
    });
    expect((await getRun(world.runs, context, value.runId!)).status).toBe('FINISHED');
    expect(await isTraining(world.store, 'acme', 'weekly')).toBe(false);
    expect(world.files.objects.size).toBe(0);
  });

  it('is rejected by the gate with its reasons, which is no failure', async () => {
    const { world, id } = await begin();

    const end = { status: 'REJECTED_BY_GATE', reasons: ['auc is 0.5, at least 0.6 is asked.'] } as const;
    const { value } = await endExecution(world.deps, context, id, end);

    expect(value).toMatchObject({ status: 'REJECTED_BY_GATE', reasons: end.reasons, modelVersion: null });
    expect(value.reason).toContain('auc is 0.5');
    expect(world.store.events.at(-1)).toMatchObject({ detailType: 'TrainingRejected' });
    expect((await getRun(world.runs, context, value.runId!)).status).toBe('FINISHED');
  });

  it('keeps its first end', async () => {
    const { world, id } = await begin();
    const failed = { status: 'FAILED', reason: 'It broke.', reasons: [] } as const;

    await endExecution(world.deps, context, id, failed);
    await endExecution(world.deps, context, id, {
      status: 'SUCCEEDED',
      modelVersion: 1,
      approval: 'pending',
    });

    const item = await getExecution(world.store, 'acme', id);
    expect(toExecutionView(item)).toMatchObject({
      status: 'FAILED',
      reason: 'It broke.',
      modelVersion: null,
    });
    expect(world.eventTypes()).not.toContain('ModelTrained');
    await expect(beginExecution(world.deps, context, id)).rejects.toThrow(TrainingEndedError);
  });

  it('is stopped once, with its run killed', async () => {
    const { world, id } = await begin();

    const { value } = await stopExecution(world.deps, context, id, 'Wrong rows.');

    expect(value).toMatchObject({ status: 'STOPPED', reason: 'Wrong rows.' });
    expect(world.stopped).toEqual([id]);
    expect((await getRun(world.runs, context, value.runId!)).status).toBe('KILLED');
    await expect(stopExecution(world.deps, context, id)).rejects.toThrow(TrainingEndedError);
  });
});

describe('the reconciler', () => {
  const later = () => makeTestContext({ nowMs: NOON_MS + 120_000 });

  it('fails an execution whose machine ended without a word', async () => {
    const { world, id } = await begin();
    world.states.set(id, { running: false, error: 'States.ServiceRestart' });

    const reconciled = await reconcileExecutions(world.deps, later);

    expect(reconciled).toEqual({ restarted: [], failed: [id] });
    const { value } = await getExecution(world.store, 'acme', id);
    expect(value.status).toBe('FAILED');
    expect(value.reason).toContain('States.ServiceRestart');
  });

  it('starts one that never reached the machine, after a minute', async () => {
    const { world, id } = await begin();

    const early = await reconcileExecutions(world.deps, () => context);
    const late = await reconcileExecutions(world.deps, later);

    expect(early.restarted).toEqual([]);
    expect(late.restarted).toEqual([id]);
    expect(world.started).toHaveLength(2);
  });

  it('leaves alone what runs, and what has ended', async () => {
    const { world, id } = await begin();
    world.states.set(id, { running: true });

    const running = await reconcileExecutions(world.deps, later);
    await stopExecution(world.deps, context, id);
    const ended = await reconcileExecutions(world.deps, later);

    expect([running, ended]).toEqual([
      { restarted: [], failed: [] },
      { restarted: [], failed: [] },
    ]);
  });
});
