import type { CallContext } from '../../shared/call-context.ts';
import { InvalidParameterError } from '../errors.ts';
import type { RunStore } from '../ports.ts';
import { logBatch } from '../runs/log-batch.ts';
import type { Batch } from '../validation.ts';
import { findModelsOfMetrics, logModelMetrics, type MetricOfModel } from './log-model-metrics.ts';
import type { LoggedModelStore } from './ports.ts';

export interface RunsAndModels {
  readonly runs: RunStore;
  readonly models: LoggedModelStore;
}

/** A batch whose metrics may be about logged models. */
export interface BatchAboutModels extends Omit<Batch, 'metrics'> {
  readonly metrics: readonly MetricOfModel[];
}

/**
 * Logs a batch to a run, and its metrics also to the logged models that they are about: one read and one write a
 * model beside the run's. `log` logs to the run itself. A model that is unknown refuses the whole batch; a repeat changes nothing.
 */
export async function logBatchAboutModels(
  { runs, models }: RunsAndModels,
  context: CallContext,
  runId: string,
  batch: BatchAboutModels,
  log: typeof logBatch = logBatch,
): Promise<void> {
  for (const { datasetName, datasetDigest } of batch.metrics) {
    if (Boolean(datasetName) === Boolean(datasetDigest)) continue;
    throw new InvalidParameterError(
      'Both dataset_name and dataset_digest must be provided if one is provided',
    );
  }
  const linked = await findModelsOfMetrics(models, context, runId, batch.metrics);
  const metrics = batch.metrics.map(({ key, value, timestamp, step }) => ({ key, value, timestamp, step }));
  await log(runs, context, runId, { ...batch, metrics });
  await logModelMetrics(models, context, linked);
}
