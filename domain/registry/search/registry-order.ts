import { InvalidInputError } from '../../shared/domain-error.ts';
import { splitIdentifier, stripKey } from '../../shared/mlflow/filter-text.ts';
import { parseOrder } from '../../shared/mlflow/parse-order.ts';
import { toPythonSet, toPythonText } from '../../shared/mlflow/python-text.ts';

/** One column of an order, by the attribute's name in orders. */
export interface RegistryOrder {
  readonly key: string;
  readonly descending: boolean;
}

const MODEL_KEYS: Readonly<Record<string, string>> = {
  name: 'name',
  timestamp: 'last_updated_timestamp',
  last_updated_timestamp: 'last_updated_timestamp',
};
const VERSION_KEYS = ['name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'];
const NEWEST_FIRST = ['last_updated_timestamp DESC', 'name ASC', 'version_number DESC'];

/** Reads `order_by` of a search of registered models; by name unless told otherwise. @throws InvalidInputError */
export function parseModelOrder(orderBy: readonly string[]): RegistryOrder[] {
  const columns = orderBy.map((clause) => {
    const { field, descending } = parseOrder(clause);
    const key = Object.hasOwn(MODEL_KEYS, field) ? MODEL_KEYS[field] : undefined;
    if (key !== undefined) return { key, descending };
    throw new InvalidInputError(
      `Invalid order by key '${field}' specified. Valid keys are '${toPythonSet(['name', 'timestamp'])}'`,
    );
  });
  checkDuplicates(columns, orderBy);
  return appendTies(columns, [{ key: 'name', descending: false }]);
}

/** Reads `order_by` of a search of versions; newest change first unless told otherwise. @throws InvalidInputError */
export function parseVersionOrder(orderBy: readonly string[]): RegistryOrder[] {
  const columns = (orderBy.length === 0 ? NEWEST_FIRST : orderBy).map((clause) => {
    const { field, descending } = parseOrder(clause);
    return { key: parseVersionKey(field), descending };
  });
  checkDuplicates(columns, orderBy);
  return appendTies(columns, [
    { key: 'name', descending: false },
    { key: 'version_number', descending: true },
  ]);
}

/** An order by a tag is refused only where the tag is not called like an attribute, as in MLflow. */
function parseVersionKey(field: string): string {
  const { entity = 'attribute', key: written } = splitIdentifier(field);
  if (!['attribute', 'tag', 'tags'].includes(entity)) {
    throw new InvalidInputError(
      `Invalid entity type '${entity}'. Valid entity types are ('attribute', 'tag', 'tags')`,
    );
  }
  const key = stripKey(written);
  if (VERSION_KEYS.includes(key)) return key;
  throw new InvalidInputError(
    entity === 'attribute'
      ? `Invalid attribute key '${key}' specified. Valid keys are '${toPythonSet(VERSION_KEYS)}'`
      : `Invalid order by key '${key}' specified. Valid keys are ${toPythonSet(VERSION_KEYS)}`,
  );
}

function checkDuplicates(columns: readonly RegistryOrder[], orderBy: readonly string[]): void {
  if (new Set(columns.map(({ key }) => key)).size === columns.length) return;
  throw new InvalidInputError(`\`order_by\` contains duplicate fields: ${toPythonText(orderBy)}`);
}

function appendTies(columns: readonly RegistryOrder[], ties: readonly RegistryOrder[]): RegistryOrder[] {
  return [...columns, ...ties.filter(({ key }) => !columns.some((column) => column.key === key))];
}
