import { compareBy, type OrderColumn, sortBy } from '../../shared/mlflow/order-values.ts';
import { parseOrder } from '../../shared/mlflow/parse-order.ts';
import { InvalidParameterError } from '../errors.ts';
import { parseExperimentField, readExperimentField, type SearchableExperiment } from './experiment-filter.ts';

export interface ExperimentOrder {
  readonly columns: readonly OrderColumn<SearchableExperiment>[];
  readonly compare: (a: SearchableExperiment, b: SearchableExperiment) => number;
  /** Newest first: what an empty `order_by` stands for. */
  readonly isDefault: boolean;
}

const DEFAULT_ORDER = ['creation_time DESC', 'experiment_id ASC'];

/**
 * Reads `order_by` of a search of experiments; ids are compared as numbers, and break ties, the highest first.
 * @throws InvalidInputError, InvalidParameterError in MLflow's words
 */
export function parseExperimentOrder(orderBy: readonly string[]): ExperimentOrder {
  const columns = (orderBy.length === 0 ? DEFAULT_ORDER : orderBy).map((clause) => {
    const { field, descending } = parseOrder(clause);
    const { type, key } = parseExperimentField(field);
    if (type !== 'attribute') throw new InvalidParameterError(`Invalid order_by entity: ${type}`);
    return { key, read: key === 'experiment_id' ? readId : readExperimentField(key), descending };
  });
  if (!columns.some(({ key }) => key === 'experiment_id'))
    columns.push({ key: 'experiment_id', read: readId, descending: true });
  return { columns, compare: compareBy(columns), isDefault: orderBy.length === 0 };
}

function readId({ experimentId }: SearchableExperiment): number {
  return Number(experimentId);
}

/** The experiments in this order. */
export function sortExperiments<T extends SearchableExperiment>(
  experiments: readonly T[],
  order: ExperimentOrder,
): T[] {
  return sortBy<T>(experiments, order.columns);
}
