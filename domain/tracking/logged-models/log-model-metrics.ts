import type { CallContext } from '../../shared/call-context.ts';
import { requirePermission } from '../../shared/permission.ts';
import { guardExperiment } from '../experiments/experiment.ts';
import { changeLoggedModel } from './change-logged-model.ts';
import { LoggedModelConstraintError } from './errors.ts';
import { linkMetrics } from './link-metrics.ts';
import type { LoggedModel, ModelMetric } from './logged-model.ts';
import type { LoggedModelStore, StoredLoggedModel } from './ports.ts';

/** One metric of a call that logs to a run, as far as it is about a model. */
export interface MetricOfModel extends Omit<ModelMetric, 'runId'> {
  /** Absent or empty: a metric of the run only. */
  readonly modelId?: string | undefined;
}

/** Metrics by model, each model read already: what is unknown is refused before anything is written. */
export type MetricsOfModels = ReadonlyMap<
  string,
  { readonly found: StoredLoggedModel; readonly metrics: readonly ModelMetric[] }
>;

/**
 * Reads the models that the metrics are about: one read a model, none without models.
 *
 * @throws ForbiddenError, and LoggedModelConstraintError when a model is unknown, which MLflow's database refuses as a foreign key
 */
export async function findModelsOfMetrics(
  models: LoggedModelStore,
  context: CallContext,
  runId: string,
  metrics: readonly MetricOfModel[],
): Promise<MetricsOfModels> {
  const byModel = new Map<string, ModelMetric[]>();
  for (const { modelId, ...metric } of metrics) {
    if (!modelId) continue;
    const list = byModel.get(modelId) ?? [];
    list.push({ ...metric, value: toFinite(metric.value), runId });
    byModel.set(modelId, list);
  }
  const found = await Promise.all(
    [...byModel].map(async ([modelId, list]) => {
      const stored = await models.find(context.tenant, modelId);
      if (stored === undefined)
        throw new LoggedModelConstraintError(`Logged model with ID '${modelId}' not found.`);
      requirePermission(context, guardExperiment(stored.experiment), 'EDIT');
      return [modelId, { found: stored, metrics: list }] as const;
    }),
  );
  return new Map(found);
}

/** Writes the metrics on their models: one write a model, as long as nobody else writes to it. */
export async function logModelMetrics(
  models: LoggedModelStore,
  context: CallContext,
  linked: MetricsOfModels,
): Promise<void> {
  await Promise.all(
    [...linked].map(([modelId, { found, metrics }]) => {
      const change = (model: LoggedModel) => {
        const next = linkMetrics(model.metrics, metrics);
        return next === model.metrics ? model : { ...model, metrics: next };
      };
      return changeLoggedModel(models, context, { modelId, found, change });
    }),
  );
}

/** MLflow's SQL store keeps NaN of a model's metric as 0, and infinities as the largest double. */
function toFinite(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
