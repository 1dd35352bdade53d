import type { LoggedModel, MlflowMetric } from './wire.ts';

/** The logged model and dataset that a metric point was measured with. */
export interface ModelLink {
  readonly model_id: string;
  readonly dataset_name?: string;
  readonly dataset_digest?: string;
}

/** A run's history does not say which points belong to a logged model; the models' own metrics do. */
export class ModelLinks {
  readonly #byPoint = new Map<string, ModelLink[]>();

  add({ info, data }: LoggedModel): void {
    for (const metric of data?.metrics ?? []) {
      const { dataset_name, dataset_digest } = metric;
      const link = {
        model_id: info.model_id,
        ...(dataset_name === undefined ? {} : { dataset_name }),
        ...(dataset_digest === undefined ? {} : { dataset_digest }),
      };
      const key = toKey(metric.run_id ?? info.source_run_id ?? '', metric);
      this.#byPoint.set(key, [...(this.#byPoint.get(key) ?? []), link]);
    }
  }

  find(runId: string, point: MlflowMetric): readonly ModelLink[] {
    if (this.#byPoint.size === 0) return [];
    return this.#byPoint.get(toKey(runId, point)) ?? [];
  }
}

/** Some stores keep the NaN of a model's metric as 0, so the value of a NaN is not compared. */
function toKey(runId: string, { key, timestamp, step, value }: MlflowMetric): string {
  const comparable = value === 'NaN' ? 0 : Number(value);
  return [runId, timestamp, step ?? 0, comparable, key].join(' ');
}
