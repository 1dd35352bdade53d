import {
  compileNumberTest,
  compileTextTest,
  LIST_COMPARATORS,
  type Wanted,
} from '../../shared/mlflow/compile-test.ts';
import { parseFilterList } from '../../shared/mlflow/filter-list.ts';
import type { FilterNode } from '../../shared/mlflow/group-filter.ts';
import { lexFilter } from '../../shared/mlflow/lex-filter.ts';
import { toPythonText } from '../../shared/mlflow/python-text.ts';
import { groupClauses, splitStatements } from '../../shared/mlflow/read-clauses.ts';
import { InvalidParameterError } from '../errors.ts';
import {
  type DatasetFilter,
  findModelAttribute,
  isOnDataset,
  isTimestamp,
  MODEL_ATTRIBUTES,
  resolveModelAlias,
  type SearchableLoggedModel,
  toStatusNumber,
} from './logged-model-fields.ts';

/** One clause of a filter on logged models. */
export interface LoggedModelClause {
  readonly type: string;
  readonly key: string;
  readonly comparator: string;
  readonly value: Wanted;
}

type Predicate = (model: SearchableLoggedModel) => boolean;

const ENTITIES = ['attributes', 'metrics', 'params', 'tags'];
const NUMBER_OPS: readonly string[] = ['<', '<=', '>', '>=', '=', '!='];
const TEXT_OPS: readonly string[] = ['=', '!=', 'LIKE', 'ILIKE', ...LIST_COMPARATORS];

/**
 * Reads a filter on logged models (mlflow.md 2.6). MLflow has a second parser for it: entities in the plural
 * only, double quotes stay part of a value, and text needs no quotes.
 * @throws InvalidParameterError in MLflow's words
 */
export function parseLoggedModelFilter(filter: string | undefined): LoggedModelClause[] {
  if (filter === undefined || filter === '') return [];
  const statements = splitStatements(lexFilter(filter));
  const [statement] = statements;
  if (statement === undefined || statements.length > 1)
    throw refused(filter, 'Expected a single SQL expression.');
  const clauses = groupClauses(statement).flatMap((node) => {
    if (node.kind === 'clause') return [readClause(node)];
    if (node.text.trim().toUpperCase() === 'AND') return [];
    throw refused(
      filter,
      "Expected a list of comparisons separated by 'AND' (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').",
    );
  });
  for (const { type, key } of clauses) if (type === 'attributes') checkAttribute(key);
  return clauses;
}

function checkAttribute(key: string): void {
  if (findModelAttribute(key) !== undefined) return;
  throw new InvalidParameterError(
    `Invalid attribute key '${key}' specified. Valid keys are '${MODEL_ATTRIBUTES.join("', '")}'`,
  );
}

function refused(filter: string, why: string): InvalidParameterError {
  return new InvalidParameterError(`Invalid filter string: ${toPythonText(filter)}. ${why}`);
}

function readClause({ text, parts = [] }: FilterNode): LoggedModelClause {
  const [identifier, operator, value] = parts.filter(({ kind }) => kind !== 'space').map((part) => part.text);
  if (identifier === undefined || operator === undefined || value === undefined) {
    throw new InvalidParameterError(`Invalid comparison: ${text}. Expected a comparison with 3 tokens.`);
  }
  const field = readField(identifier);
  const comparator = operator.toUpperCase();
  const isNumeric = field.type === 'metrics' || (field.type === 'attributes' && isTimestamp(field.key));
  const allowed = isNumeric ? NUMBER_OPS : TEXT_OPS;
  if (!allowed.includes(comparator)) {
    const listed = allowed.map((op) => `'${op}'`).join(', ');
    throw new InvalidParameterError(
      `Invalid comparison operator for ${field.type}.${field.key}: '${comparator}'. Expected one of (${listed}).`,
    );
  }
  if (isNumeric) return { ...field, comparator, value: readNumber(value) };
  const texts = readTexts(comparator, value);
  const isStatus = field.type === 'attributes' && field.key === 'status';
  return { ...field, comparator, value: isStatus ? toStatusNumbers(texts) : texts };
}

function readField(identifier: string): { readonly type: string; readonly key: string } {
  const [, type, key] = /^([a-z]+)\.(.+)$/.exec(identifier) ?? [];
  if (type !== undefined && !ENTITIES.includes(type)) {
    const listed = ENTITIES.map((entity) => `'${entity}'`).join(', ');
    throw new InvalidParameterError(`Invalid entity type: '${type}'. Expected one of [${listed}].`);
  }
  const name = (key ?? identifier).replace(/^`+|`+$/g, '');
  return type === undefined || type === 'attributes'
    ? { type: 'attributes', key: resolveModelAlias(name) }
    : { type, key: name };
}

function readNumber(text: string): number {
  const plain = text.trim().replace(/(?<=\d)_(?=\d)/g, '');
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain)) return Number(plain);
  const [, sign, word] = /^([-+]?)(inf|infinity|nan)$/i.exec(plain) ?? [];
  if (word !== undefined)
    return word.toLowerCase() === 'nan' ? Number.NaN : Number(`${sign}1`) * Number.POSITIVE_INFINITY;
  throw new InvalidParameterError(`Expected numeric value type. Found ${text}`);
}

function toStatusNumbers(wanted: Wanted): Wanted {
  if (typeof wanted === 'object') return wanted.map(toStatusNumber);
  return typeof wanted === 'string' ? toStatusNumber(wanted) : wanted;
}

function readTexts(comparator: string, text: string): Wanted {
  const isList = comparator === 'IN' || comparator === 'NOT IN';
  if (text.startsWith('(') && text.endsWith(')')) {
    const list = parseFilterList(text);
    if (isList) return list;
  } else if (!isList) return text.replace(/^'+|'+$/g, '');
  throw new InvalidParameterError(`Invalid value for the comparison operator '${comparator}': ${text}`);
}

/**
 * One predicate of a filter and of the datasets that its metric clauses are restricted to. Without metric
 * clauses the datasets ask for any metric on one of them. A clause about what the model lacks is false.
 */
export function compileLoggedModelFilter(
  filter: string | undefined,
  datasets: readonly DatasetFilter[] = [],
): Predicate {
  const clauses = parseLoggedModelFilter(filter);
  const predicates = clauses.map((clause) => compileClause(clause, datasets));
  if (datasets.length > 0 && !clauses.some(({ type }) => type === 'metrics'))
    predicates.push(({ metrics }) => metrics.some((metric) => isOnDataset(metric, datasets)));
  return (model) => predicates.every((predicate) => predicate(model));
}

function compileClause(clause: LoggedModelClause, datasets: readonly DatasetFilter[]): Predicate {
  const { type, key, comparator, value } = clause;
  if (type === 'metrics') {
    const test = compileNumberTest(comparator, Number(value));
    return ({ metrics }) =>
      metrics.some(
        (metric) =>
          metric.key === key &&
          test(metric.value) &&
          (datasets.length === 0 || isOnDataset(metric, datasets)),
      );
  }
  const test = (
    typeof value === 'number' ? compileNumberTest(comparator, value) : compileTextTest(comparator, value)
  ) as (value: string | number) => boolean;
  const read = type === 'attributes' ? findModelAttribute(key) : undefined;
  const entries = type === 'params' ? 'params' : 'tags';
  return (model) => {
    const found = read === undefined ? own(model[entries], key) : read(model);
    return found !== undefined && test(found);
  };
}

function own(entries: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(entries, key) ? entries[key] : undefined;
}
