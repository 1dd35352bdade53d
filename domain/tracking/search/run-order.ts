import { compareBy, type OrderColumn, sortBy } from '../../shared/mlflow/order-values.ts';
import { parseOrder } from '../../shared/mlflow/parse-order.ts';
import { toPythonText } from '../../shared/mlflow/python-text.ts';
import { InvalidParameterError } from '../errors.ts';
import { parseOrderField, readField, type SearchableRun } from './run-fields.ts';

export interface RunOrder {
  readonly columns: readonly OrderColumn<SearchableRun>[];
  /** For merging; to sort many runs, `sortRuns` is faster. */
  readonly compare: (a: SearchableRun, b: SearchableRun) => number;
  /** Newest first, then by id: the order that stored runs are in. */
  readonly isDefault: boolean;
}

const START_TIME = 'attribute start_time';

/**
 * Reads `order_by` of a search of runs. Numbers come before NaN and NaN before what is missing in both
 * directions; texts are compared as UTF-8. Ties are broken by start time, newest first, unless the order names
 * it, and by run id. @throws InvalidInputError, InvalidParameterError in MLflow's words
 */
export function parseRunOrder(orderBy: readonly string[]): RunOrder {
  const named = new Set<string>();
  const columns = orderBy.map((clause) => {
    const { field, descending } = parseOrder(clause);
    const { type, key } = parseOrderField(field);
    if (type === 'dataset') throw new InvalidParameterError(`Invalid identifier type '${type}'`);
    if (named.has(`${type} ${key}`)) {
      throw new InvalidParameterError(`\`order_by\` contains duplicate fields: ${toPythonText(orderBy)}`);
    }
    named.add(`${type} ${key}`);
    return { read: readField({ type, key }), descending };
  });
  if (!named.has(START_TIME)) columns.push({ read: (run) => run.startTime, descending: true });
  const isDefault = columns.length === 1 && columns[0]?.descending === true && isByStartTime(named);
  columns.push({ read: (run) => run.runId, descending: false });
  return { columns, compare: compareBy(columns), isDefault };
}

function isByStartTime(named: ReadonlySet<string>): boolean {
  return named.size === 0 || named.has(START_TIME);
}

/** The runs in this order: 10,000 of them by a metric take some ten milliseconds. */
export function sortRuns<T extends SearchableRun>(runs: readonly T[], order: RunOrder): T[] {
  return sortBy<T>(runs, order.columns);
}
