import { InvalidInputError } from '../../shared/domain-error.ts';
import { type Sortable, sortBy } from '../../shared/mlflow/order-values.ts';
import type { RegistryOrder } from './registry-order.ts';

/** What both registry searches take. */
export interface SearchInput {
  readonly filter?: string | undefined;
  readonly max_results?: number | undefined;
  readonly order_by: readonly string[];
  readonly page_token?: string | undefined;
}

/** @throws InvalidInputError unless a page may be so long */
export function readMaxResults(asked: number | undefined, byDefault: number, most: number): number {
  const limit = asked ?? byDefault;
  if (limit > most) {
    // The words of MLflow's own check, which sees the text of a query string.
    throw new InvalidInputError(
      `Invalid value "${limit}" for parameter 'max_results' supplied:  Hint: Value was of type 'str'. ` +
        'See the API docs for more information about request parameters.',
    );
  }
  if (limit < 1) {
    throw new InvalidInputError(
      `Invalid value for max_results. It must be a positive integer, but got ${limit}`,
    );
  }
  return limit;
}

/** Sorts by the orders' keys, whose values `read` finds. */
export function sortByFields<T>(
  subjects: readonly T[],
  orders: readonly RegistryOrder[],
  read: (subject: T, key: string) => Sortable,
): T[] {
  return sortBy(
    subjects,
    orders.map(({ key, descending }) => ({ read: (subject: T) => read(subject, key), descending })),
  );
}
