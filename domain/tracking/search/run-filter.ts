import {
  compileNumberTest,
  compileTextTest,
  LIST_COMPARATORS,
  NULL_COMPARATORS,
  NUMBER_COMPARATORS,
  TEXT_COMPARATORS,
  type Wanted,
} from '../../shared/mlflow/compile-test.ts';
import { isNumber, isText, readList, readText } from '../../shared/mlflow/filter-text.ts';
import type { FilterNode } from '../../shared/mlflow/group-filter.ts';
import { toPythonSet } from '../../shared/mlflow/python-text.ts';
import { type RawClause, readClauses } from '../../shared/mlflow/read-clauses.ts';
import { InvalidParameterError } from '../errors.ts';
import {
  DATASET_KEYS,
  isNumeric,
  parseSearchField,
  type RunField,
  readField,
  resolveAlias,
  type SearchableRun,
} from './run-fields.ts';

/** One clause of a filter on runs, checked; attribute keys are without aliases. */
export interface RunClause extends RunField {
  readonly comparator: string;
  readonly value: Wanted;
}

type Predicate = (run: SearchableRun) => boolean;

const CONTEXT_TAG = 'mlflow.data.context';
const LISTED: readonly string[] = [...TEXT_COMPARATORS, ...LIST_COMPARATORS];

/** Reads a filter on runs (mlflow.md 2.1). @throws InvalidInputError, InvalidParameterError in MLflow's words */
export function parseRunFilter(filter: string | undefined): RunClause[] {
  const clauses = readClauses(filter, parseClause, { quotesInvalid: true });
  for (const clause of clauses) checkComparator(clause);
  return clauses.map((clause) => ({ ...clause, ...resolveAlias(clause) }));
}

function parseClause(raw: RawClause): RunClause {
  const field = parseSearchField(raw.identifier);
  const comparator = raw.comparator.toUpperCase();
  if (raw.value === undefined) {
    if (field.type === 'tag' || field.type === 'parameter') return { ...field, comparator, value: undefined };
    throw new InvalidParameterError(
      `IS NULL / IS NOT NULL is only supported for tags and params, not for '${field.type}' '${field.key}'`,
    );
  }
  return { ...field, comparator, value: readValue(field, raw.value) };
}

function readValue(field: RunField, node: FilterNode): Wanted {
  const { type, key } = field;
  if (isNumeric(field)) {
    if (isNumber(node)) return Number(node.text);
    const what = type === 'metric' ? 'metric' : `numeric attribute: ${key}`;
    throw new InvalidParameterError(`Expected numeric value type for ${what}. Found ${node.text}`);
  }
  if (isText(node)) return readText(node);
  if (type === 'parameter' || type === 'tag') {
    throw new InvalidParameterError(
      `Expected a quoted string value for ${type} (e.g. 'my-value'). Got value ${node.text}`,
    );
  }
  if (node.kind === 'parenthesis') return readList(node, key, type === 'dataset' ? DATASET_KEYS : ['run_id']);
  const what = type === 'dataset' ? 'dataset attributes' : 'attributes';
  throw new InvalidParameterError(`Expected a quoted string value for ${what}. Got value ${node.text}`);
}

function checkComparator({ comparator, value, ...field }: RunClause): void {
  const isPlain = field.type === 'parameter' || field.type === 'tag';
  const texts = isPlain ? [...TEXT_COMPARATORS, ...NULL_COMPARATORS] : LISTED;
  const allowed: readonly string[] = isNumeric(field) ? NUMBER_COMPARATORS : texts;
  const needsList = typeof value === 'object';
  const isList = comparator === 'IN' || comparator === 'NOT IN';
  if (allowed.includes(comparator) && needsList === isList) return;
  throw new InvalidParameterError(
    `Invalid comparator '${comparator}' not one of '${toPythonSet(needsList ? LIST_COMPARATORS : allowed)}'`,
  );
}

/**
 * One predicate of all clauses. A clause about a key that the run lacks is false for every comparator, `!=`
 * included; only IS NULL is true of it.
 */
export function compileRunFilter(clauses: readonly RunClause[]): Predicate {
  const predicates = clauses.map(compileClause);
  return (run) => predicates.every((predicate) => predicate(run));
}

function compileClause(clause: RunClause): Predicate {
  const { comparator, value } = clause;
  if (clause.type === 'dataset') return compileDatasetClause(clause);
  const read = readField(clause);
  if (comparator === 'IS NULL') return (run) => read(run) === undefined;
  if (comparator === 'IS NOT NULL') return (run) => read(run) !== undefined;
  const test = isNumeric(clause)
    ? compileNumberTest(comparator, Number(value))
    : compileTextTest(comparator, value);
  return (run) => {
    const found = read(run);
    return found !== undefined && (test as (value: string | number) => boolean)(clampInfinity(found));
  };
}

/** MLflow stores infinities as the largest finite numbers and compares those. */
function clampInfinity(value: string | number): string | number {
  if (value === Number.POSITIVE_INFINITY) return Number.MAX_VALUE;
  return value === Number.NEGATIVE_INFINITY ? -Number.MAX_VALUE : value;
}

/** True when any dataset of the run passes; several clauses may be about different ones. */
function compileDatasetClause({ key, comparator, value }: RunClause): Predicate {
  const test = compileTextTest(comparator, value);
  return ({ inputs = [] }) =>
    inputs.some(({ name, digest, tags }) =>
      key === 'context'
        ? tags.some((tag) => tag.key === CONTEXT_TAG && test(tag.value))
        : test(key === 'name' ? name : digest),
    );
}
