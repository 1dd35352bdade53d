import {
  compileNumberTest,
  compileTextTest,
  LIST_COMPARATORS,
  NUMBER_COMPARATORS,
  TEXT_COMPARATORS,
  type Wanted,
} from '../../shared/mlflow/compile-test.ts';
import {
  isNumber,
  isText,
  readList,
  readText,
  splitIdentifier,
  stripKey,
} from '../../shared/mlflow/filter-text.ts';
import type { FilterNode } from '../../shared/mlflow/group-filter.ts';
import { toPythonFloat, toPythonSet } from '../../shared/mlflow/python-text.ts';
import { type RawClause, readClauses } from '../../shared/mlflow/read-clauses.ts';
import { InvalidParameterError } from '../errors.ts';
import type { Experiment } from '../experiments/experiment.ts';

export type SearchableExperiment = Pick<
  Experiment,
  'experimentId' | 'name' | 'tags' | 'createdAt' | 'updatedAt'
>;

/** One clause of a filter on experiments, checked. */
export interface ExperimentClause {
  readonly type: 'attribute' | 'tag';
  readonly key: string;
  readonly comparator: string;
  readonly value: Wanted;
}

type Predicate = (experiment: SearchableExperiment) => boolean;

const NUMERIC = ['creation_time', 'last_update_time'];
const ATTRIBUTES = ['name', 'experiment_id', ...NUMERIC];
const LISTED: readonly string[] = [...TEXT_COMPARATORS, ...LIST_COMPARATORS];
const ID_COMPARATORS = ['=', '!=', 'IN', 'NOT IN'];

/** Reads a filter on experiments (mlflow.md 2.2). @throws InvalidInputError, InvalidParameterError */
export function parseExperimentFilter(filter: string | undefined): ExperimentClause[] {
  return readClauses(filter, parseClause).map((clause) => {
    if (clause.value === undefined) return clause;
    return clause.type === 'tag' ? checkTag(clause) : checkAttribute(clause);
  });
}

function parseClause(raw: RawClause): ExperimentClause {
  const { type, key } = parseExperimentField(raw.identifier);
  // Unlike in the other searches, `like` and `in` must be in capitals.
  const { comparator, value: node } = raw;
  if (node !== undefined) return { type, key, comparator, value: readValue(type, key, node) };
  if (type === 'tag') return { type, key, comparator, value: undefined };
  throw new InvalidParameterError(
    `IS NULL / IS NOT NULL is only supported for tags, not for attribute '${key}'`,
  );
}

/** The field that a filter or an order of experiments names. @throws InvalidParameterError */
export function parseExperimentField(identifier: string): Pick<ExperimentClause, 'type' | 'key'> {
  const { entity = 'attribute', key: written } = splitIdentifier(identifier);
  if (!['attribute', 'tag', 'tags'].includes(entity)) {
    throw new InvalidParameterError(
      `Invalid entity type '${entity}'. Valid entity types are ('attribute', 'tag', 'tags')`,
    );
  }
  const key = stripKey(written);
  if (entity !== 'attribute') return { type: 'tag', key };
  if (ATTRIBUTES.includes(key)) return { type: 'attribute', key };
  throw new InvalidParameterError(
    `Invalid attribute key '${key}' specified. Valid keys are '${toPythonSet(ATTRIBUTES)}'`,
  );
}

function readValue(type: string, key: string, node: FilterNode): Wanted {
  if (type === 'attribute' && NUMERIC.includes(key)) {
    if (!isNumber(node)) {
      throw new InvalidParameterError(
        `Expected numeric value type for numeric attribute: ${key}. Found ${node.text}`,
      );
    }
    return node.kind === 'integer' ? Number(node.text) : node.text;
  }
  if (isText(node)) return readText(node);
  if (type === 'attribute' && node.kind === 'parenthesis') return readList(node, key, ['experiment_id']);
  throw new InvalidParameterError(
    type === 'tag'
      ? `Expected a quoted string value for tag (e.g. 'my-value'). Got value ${node.text}`
      : `Expected a quoted string value for attributes. Got value ${node.text}`,
  );
}

function checkTag(clause: ExperimentClause): ExperimentClause {
  if ((TEXT_COMPARATORS as readonly string[]).includes(clause.comparator)) return clause;
  throw new InvalidParameterError(`Invalid comparator for tag: ${clause.comparator}`);
}

function checkAttribute(clause: ExperimentClause): ExperimentClause {
  const { key, comparator, value } = clause;
  if (key === 'experiment_id') return checkId(clause);
  const allowed: readonly string[] = NUMERIC.includes(key) ? NUMBER_COMPARATORS : LISTED;
  if (!allowed.includes(comparator)) {
    throw new InvalidParameterError(
      `Invalid comparator '${comparator}' not one of '${toPythonSet(allowed)}'`,
    );
  }
  if (comparator.endsWith('IN'))
    throw new InvalidParameterError(`Invalid comparator for string attribute: ${comparator}`);
  if (typeof value !== 'string' || !NUMERIC.includes(key)) return clause;
  throw new InvalidParameterError(
    `Invalid value for numeric attribute '${key}': '${toPythonFloat(Number(value))}'`,
  );
}

/** Ids are numbers: `'07'` finds experiment 7. */
function checkId(clause: ExperimentClause): ExperimentClause {
  const { comparator, value } = clause;
  const isList = typeof value === 'object';
  if (!ID_COMPARATORS.includes(comparator) || isList !== comparator.endsWith('IN'))
    throw new InvalidParameterError(`Invalid comparator for experiment_id: ${comparator}`);
  return { ...clause, value: isList ? value.map(normalizeId) : normalizeId(String(value)) };
}

function normalizeId(text: string): string {
  if (/^\s*[-+]?\d+\s*$/.test(text)) return String(BigInt(text.trim().replace(/^\+/, '')));
  throw new InvalidParameterError(`Invalid experiment ID '${text}'. Experiment ID must be a valid integer.`);
}

/** One predicate of all clauses; a clause about a tag that is absent is false, except for IS NULL. */
export function compileExperimentFilter(clauses: readonly ExperimentClause[]): Predicate {
  const predicates = clauses.map(compileClause);
  return (experiment) => predicates.every((predicate) => predicate(experiment));
}

function compileClause({ type, key, comparator, value }: ExperimentClause): Predicate {
  if (type === 'tag') {
    const has = ({ tags }: SearchableExperiment) => Object.hasOwn(tags, key);
    if (comparator === 'IS NULL') return (experiment) => !has(experiment);
    if (comparator === 'IS NOT NULL') return has;
    const test = compileTextTest(comparator, value);
    return (experiment) => has(experiment) && test(experiment.tags[key] as string);
  }
  const read = readExperimentField(key);
  const test =
    typeof value === 'number' ? compileNumberTest(comparator, value) : compileTextTest(comparator, value);
  return (experiment) => (test as (found: string | number) => boolean)(read(experiment));
}

/** Reads an attribute that experiments are searched or ordered by. */
export function readExperimentField(key: string): (experiment: SearchableExperiment) => string | number {
  if (key === 'name') return ({ name }) => name;
  if (key === 'experiment_id') return ({ experimentId }) => experimentId;
  if (key === 'creation_time') return ({ createdAt }) => Date.parse(createdAt);
  return ({ updatedAt }) => Date.parse(updatedAt);
}
