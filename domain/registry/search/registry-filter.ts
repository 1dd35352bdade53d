import { InvalidInputError } from '../../shared/domain-error.ts';
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
import { toPythonFloat, toPythonSet, toPythonText } from '../../shared/mlflow/python-text.ts';
import { type RawClause, readClauses } from '../../shared/mlflow/read-clauses.ts';

/** One clause of a filter on registered models or on versions, checked. */
export interface RegistryClause {
  readonly type: 'attribute' | 'tag';
  readonly key: string;
  readonly comparator: string;
  readonly value: Wanted;
}

/** What a filter looks at: attributes by their names in filters, and tags. */
export interface RegistrySubject {
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly tags: Readonly<Record<string, string>>;
}

interface Grammar {
  readonly attributes: readonly string[];
  readonly numeric: readonly string[];
  readonly listKeys: readonly string[];
}

const MODELS: Grammar = { attributes: ['name'], numeric: [], listKeys: ['name'] };
const VERSIONS: Grammar = {
  attributes: ['name', 'version_number', 'run_id', 'source_path'],
  numeric: ['version_number'],
  listKeys: ['name', 'run_id'],
};
/** Marks a number that was written with a fraction; no quoted text begins with it. */
const FRACTION = '\u0000';
const LISTED: readonly string[] = [...TEXT_COMPARATORS, ...LIST_COMPARATORS];

/** Reads a filter on registered models (mlflow.md 2.4). @throws InvalidInputError in MLflow's words */
export function parseModelFilter(filter: string | undefined): RegistryClause[] {
  return parseFilter(filter, MODELS);
}

/** Reads a filter on model versions (mlflow.md 2.5). @throws InvalidInputError in MLflow's words */
export function parseVersionFilter(filter: string | undefined): RegistryClause[] {
  return parseFilter(filter, VERSIONS);
}

function parseFilter(filter: string | undefined, grammar: Grammar): RegistryClause[] {
  return readClauses(filter, (raw) => parseClause(raw, grammar)).map((clause) =>
    clause.type === 'tag' ? checkTag(clause) : checkAttribute(clause, grammar),
  );
}

function parseClause(raw: RawClause, grammar: Grammar): RegistryClause {
  const { entity = 'attribute', key } = splitIdentifier(raw.identifier);
  const comparator = raw.comparator.toUpperCase();
  if (!['attribute', 'tag', 'tags'].includes(entity)) {
    throw new InvalidInputError(
      `Invalid entity type '${entity}'. Valid entity types are ('attribute', 'tag', 'tags')`,
    );
  }
  const type = entity === 'attribute' ? 'attribute' : 'tag';
  if (type === 'attribute' && !grammar.attributes.includes(key)) {
    throw new InvalidInputError(
      `Invalid attribute key '${key}' specified. Valid keys are '${toPythonSet(grammar.attributes)}'`,
    );
  }
  if (raw.value === undefined) throw new InvalidInputError(`Invalid comparator for ${type}: ${comparator}`);
  return { type, key: stripKey(key), comparator, value: readValue(type, key, raw.value, grammar) };
}

function readValue(type: string, key: string, node: FilterNode, grammar: Grammar): Wanted {
  if (isText(node)) return readText(node);
  if (type === 'tag') {
    throw new InvalidInputError(
      `Expected a quoted string value for tag (e.g. 'my-value'). Got value ${node.text}`,
    );
  }
  if (node.kind === 'parenthesis') return readList(node, key, grammar.listKeys);
  if (isNumber(node) && grammar.numeric.length > 0) {
    if (!grammar.numeric.includes(key)) {
      throw new InvalidInputError(
        `Only the '${toPythonSet(grammar.numeric)}' attributes support comparison with numeric values.`,
      );
    }
    // A fraction stays text until all clauses are read, so that the first thing wrong is told first.
    return node.kind === 'integer' ? Number(node.text) : FRACTION + node.text;
  }
  throw new InvalidInputError(
    `Expected a quoted string value or a list of quoted string values for attributes. Got value ${node.text}`,
  );
}

function checkTag(clause: RegistryClause): RegistryClause {
  if ((TEXT_COMPARATORS as readonly string[]).includes(clause.comparator)) return clause;
  throw new InvalidInputError(`Invalid comparator for tag: ${clause.comparator}`);
}

function checkAttribute(clause: RegistryClause, { numeric }: Grammar): RegistryClause {
  const { key, comparator, value } = clause;
  if (numeric.includes(key)) {
    if (!(NUMBER_COMPARATORS as readonly string[]).includes(comparator))
      throw new InvalidInputError(`Invalid comparator for attribute ${key}: ${comparator}`);
    return typeof value === 'string' ? { ...clause, value: readInteger(key, value) } : clause;
  }
  const isList = comparator === 'IN' || comparator === 'NOT IN';
  if (LISTED.includes(comparator) && isList === (typeof value === 'object')) return clause;
  throw new InvalidInputError(`Invalid comparator for attribute: ${comparator}`);
}

/** A version's number may be quoted; a fraction is refused. */
function readInteger(key: string, text: string): number {
  if (/^\s*[-+]?\d+\s*$/.test(text)) return Number(text);
  const shown = text.startsWith(FRACTION) ? toPythonFloat(Number(text.slice(1))) : toPythonText(text);
  throw new InvalidInputError(`Invalid value for numeric attribute '${key}': ${shown}`);
}

/** One predicate of all clauses; a clause about what is absent is false for every comparator. */
export function compileRegistryFilter(
  clauses: readonly RegistryClause[],
): (subject: RegistrySubject) => boolean {
  const predicates = clauses.map(({ type, key, comparator, value }) => {
    const test = (
      typeof value === 'number' ? compileNumberTest(comparator, value) : compileTextTest(comparator, value)
    ) as (value: string | number) => boolean;
    return ({ attributes, tags }: RegistrySubject): boolean => {
      const entries: RegistrySubject['attributes'] = type === 'tag' ? tags : attributes;
      const found = Object.hasOwn(entries, key) ? entries[key] : undefined;
      return found !== undefined && test(found);
    };
  });
  return (subject) => predicates.every((predicate) => predicate(subject));
}
