import { compareBy, type OrderColumn, type Sortable, sortBy } from '../../shared/mlflow/order-values.ts';
import { InvalidParameterError } from '../errors.ts';
import {
  findModelAttribute,
  resolveModelAlias,
  type SearchableLoggedModel,
  type SearchableModelMetric,
} from './logged-model-fields.ts';

/** One entry of `order_by` in a search of logged models. */
export interface LoggedModelOrderBy {
  readonly field_name: string;
  readonly ascending?: boolean | undefined;
  readonly dataset_name?: string | undefined;
  readonly dataset_digest?: string | undefined;
}

type Column = OrderColumn<SearchableLoggedModel>;

/** A comparison in the asked order; what is missing comes last, ties are newest first, then by id. */
export function compareLoggedModels(
  orderBy: readonly LoggedModelOrderBy[],
): (a: SearchableLoggedModel, b: SearchableLoggedModel) => number {
  return compareBy(readColumns(orderBy));
}

/** The models in the asked order; faster than sorting with the comparison. */
export function sortLoggedModels<T extends SearchableLoggedModel>(
  models: readonly T[],
  orderBy: readonly LoggedModelOrderBy[],
): T[] {
  return sortBy<T>(models, readColumns(orderBy));
}

function readColumns(orderBy: readonly LoggedModelOrderBy[]): Column[] {
  const columns = orderBy.map((order) => ({
    read: readOrderField(order),
    descending: order.ascending === false,
  }));
  const named = new Set(orderBy.map(({ field_name }) => resolveModelAlias(field_name)));
  if (!named.has('creation_timestamp_ms'))
    columns.push({ read: ({ creationTimestamp }) => creationTimestamp, descending: true });
  if (!named.has('model_id')) columns.push({ read: ({ modelId }) => modelId, descending: false });
  return columns;
}

function readOrderField(order: LoggedModelOrderBy): (model: SearchableLoggedModel) => Sortable {
  const { field_name: name } = order;
  const dot = name.indexOf('.');
  if (dot < 0) {
    const read = findModelAttribute(name);
    if (read !== undefined) return read;
    throw new InvalidParameterError(`Invalid order by field name: ${name}`);
  }
  if (name.slice(0, dot) !== 'metrics')
    throw new InvalidParameterError(`Invalid order by field name: ${name}. Only metrics are supported.`);
  const key = name.slice(dot + 1);
  return ({ metrics }) => findLatest(metrics, key, order)?.value;
}

/** The metric's newest point by time, then step, on the asked dataset. */
function findLatest(
  metrics: readonly SearchableModelMetric[],
  key: string,
  { dataset_name, dataset_digest }: LoggedModelOrderBy,
): SearchableModelMetric | undefined {
  let latest: SearchableModelMetric | undefined;
  for (const metric of metrics) {
    if (metric.key !== key) continue;
    if (dataset_name && metric.datasetName !== dataset_name) continue;
    if (dataset_digest && metric.datasetDigest !== dataset_digest) continue;
    if (latest === undefined || isLater(metric, latest)) latest = metric;
  }
  return latest;
}

function isLater(next: SearchableModelMetric, current: SearchableModelMetric): boolean {
  if (next.timestamp !== current.timestamp) return next.timestamp > current.timestamp;
  if (next.step !== current.step) return next.step > current.step;
  return (next.runId ?? '') < (current.runId ?? '');
}
