import { type Clause, type Comparator, toLikePattern } from '../shared/mlflow-filter.ts';
import { InvalidParameterError } from './errors.ts';
import { RUN_NAME_TAG, type Run } from './run.ts';

type Value = string | number | undefined;

const STRING_ATTRIBUTES: Readonly<Record<string, (run: Run) => string | undefined>> = {
  run_id: (run) => run.runId,
  run_name: (run) => run.tags[RUN_NAME_TAG] ?? run.name,
  status: (run) => run.status,
  artifact_uri: (run) => run.artifactUri,
  user_id: (run) => run.userId,
};
const NUMBER_ATTRIBUTES: Readonly<Record<string, (run: Run) => number | undefined>> = {
  start_time: (run) => run.startTime,
  end_time: (run) => run.endTime,
};
const ALIASES: Readonly<Record<string, string>> = {
  created: 'start_time',
  'run name': 'run_name',
  'Run name': 'run_name',
  'Run Name': 'run_name',
};
const ENTITIES: Readonly<Record<string, string>> = {
  metric: 'metrics',
  metrics: 'metrics',
  param: 'params',
  params: 'params',
  parameter: 'params',
  parameters: 'params',
  tag: 'tags',
  tags: 'tags',
  attribute: 'attributes',
  attributes: 'attributes',
  attr: 'attributes',
  run: 'attributes',
};
const NUMERIC: readonly Comparator[] = ['>', '>=', '=', '!=', '<', '<='];
const TEXTUAL: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE'];

/** Reads one field of a run; a missing key is undefined. */
export interface Field {
  readonly read: (run: Run) => Value;
  readonly numeric: boolean;
  readonly entity: string;
}

/** The field that `metrics.rmse`, `params."a b"`, `start_time` … name. */
export function findField(entity: string, key: string): Field {
  const known = ENTITIES[entity];
  if (known === 'metrics') return { entity: known, numeric: true, read: (run) => run.latest[key]?.value };
  if (known === 'params') return { entity: known, numeric: false, read: (run) => run.params[key] };
  if (known === 'tags') return { entity: known, numeric: false, read: (run) => run.tags[key] };
  if (known === 'attributes') return findAttribute(key);
  throw new InvalidParameterError(
    `Invalid entity type '${entity}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`,
  );
}

function findAttribute(key: string): Field {
  const name = ALIASES[key] ?? key;
  const text = STRING_ATTRIBUTES[name];
  if (text !== undefined) return { entity: 'attributes', numeric: false, read: text };
  const number = NUMBER_ATTRIBUTES[name];
  if (number !== undefined) return { entity: 'attributes', numeric: true, read: number };
  const valid = [...Object.keys(STRING_ATTRIBUTES), ...Object.keys(NUMBER_ATTRIBUTES)]
    .map((a) => `'${a}'`)
    .join(', ');
  throw new InvalidParameterError(`Invalid attribute key '${key}' specified. Valid keys are '[${valid}]'`);
}

/** A predicate of all clauses; a clause about a key that the run lacks is false, `!=` included. */
export function compileFilter(clauses: readonly Clause[]): (run: Run) => boolean {
  const predicates = clauses.map((clause) => compileClause(clause));
  return (run) => predicates.every((predicate) => predicate(run));
}

function compileClause(clause: Clause): (run: Run) => boolean {
  const field = findField(clause.entity, clause.key);
  const { comparator } = clause;
  checkComparator(field, clause);
  if (comparator === 'IS NULL') return (run) => field.read(run) === undefined;
  if (comparator === 'IS NOT NULL') return (run) => field.read(run) !== undefined;
  const compare = field.numeric ? numericTest(comparator, clause) : textTest(comparator, clause);
  return (run) => {
    const value = field.read(run);
    return value !== undefined && compare(value);
  };
}

function checkComparator(field: Field, { key, comparator }: Clause): void {
  const nullable = field.entity === 'params' || field.entity === 'tags';
  const allowed: Comparator[] = [
    ...(field.numeric ? NUMERIC : TEXTUAL),
    ...(nullable ? (['IS NULL', 'IS NOT NULL'] as const) : []),
    ...(field.entity === 'attributes' && key === 'run_id' ? (['IN', 'NOT IN'] as const) : []),
  ];
  if (allowed.includes(comparator)) return;
  throw new InvalidParameterError(`Invalid comparator '${comparator}' not one of '${allowed.join(', ')}'`);
}

function numericTest(comparator: Comparator, clause: Clause): (value: Value) => boolean {
  const wanted = clause.value;
  if (typeof wanted !== 'number') {
    throw new InvalidParameterError(
      `Expected numeric value type for ${clause.entity}. Found ${String(wanted)}`,
    );
  }
  // MLflow's SQL store keeps NaN as 0 with a flag and compares the 0.
  const number = (value: Value) => (Number.isNaN(value) ? 0 : (value as number));
  const tests: Partial<Record<Comparator, (value: number) => boolean>> = {
    '>': (value) => value > wanted,
    '>=': (value) => value >= wanted,
    '=': (value) => value === wanted,
    '!=': (value) => value !== wanted,
    '<': (value) => value < wanted,
    '<=': (value) => value <= wanted,
  };
  const test = tests[comparator] ?? (() => false);
  return (value) => test(number(value));
}

function textTest(comparator: Comparator, clause: Clause): (value: Value) => boolean {
  const wanted = clause.value;
  if (Array.isArray(wanted)) {
    const found = (value: Value) => wanted.includes(value);
    return comparator === 'IN' ? found : (value) => !found(value);
  }
  if (typeof wanted !== 'string') {
    throw new InvalidParameterError(
      `Expected a quoted string value for ${clause.entity} (e.g. 'my-value'). Got value ${String(wanted)}`,
    );
  }
  if (comparator === '=') return (value) => value === wanted;
  if (comparator === '!=') return (value) => value !== wanted;
  const pattern = toLikePattern(wanted, comparator === 'ILIKE');
  return (value) => pattern.test(value as string);
}
