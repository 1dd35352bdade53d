import { splitIdentifier, stripBackticks, stripKey } from '../../shared/mlflow/filter-text.ts';
import type { Sortable } from '../../shared/mlflow/order-values.ts';
import { toPythonSet } from '../../shared/mlflow/python-text.ts';
import { InvalidParameterError } from '../errors.ts';
import { RUN_NAME_TAG, type Run } from '../runs/run.ts';

/** What a filter or an order looks at. */
export type SearchableRun = Pick<
  Run,
  | 'runId'
  | 'name'
  | 'userId'
  | 'status'
  | 'startTime'
  | 'endTime'
  | 'artifactUri'
  | 'params'
  | 'tags'
  | 'latest'
> & { readonly inputs?: Run['inputs'] | undefined };

export type RunEntity = 'metric' | 'parameter' | 'tag' | 'attribute' | 'dataset';

/** A field of a run by name. */
export interface RunField {
  readonly type: RunEntity;
  readonly key: string;
}

const ENTITIES: Readonly<Record<string, RunEntity>> = {
  metric: 'metric',
  metrics: 'metric',
  parameter: 'parameter',
  parameters: 'parameter',
  param: 'parameter',
  params: 'parameter',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  dataset: 'dataset',
  datasets: 'dataset',
};
const ALIASES: Readonly<Record<string, string>> = {
  created: 'start_time',
  Created: 'start_time',
  'run name': 'run_name',
  'Run name': 'run_name',
  'Run Name': 'run_name',
};
const TEXT_ATTRIBUTES: Readonly<Record<string, (run: SearchableRun) => string | undefined>> = {
  artifact_uri: (run) => run.artifactUri,
  run_id: (run) => run.runId,
  run_name: (run) => lookUp(run.tags, RUN_NAME_TAG) ?? run.name,
  status: (run) => run.status,
  user_id: (run) => run.userId,
};
const NUMBER_ATTRIBUTES: Readonly<Record<string, (run: SearchableRun) => number | undefined>> = {
  end_time: (run) => run.endTime,
  start_time: (run) => run.startTime,
};
const ATTRIBUTES = [...Object.keys(TEXT_ATTRIBUTES), ...Object.keys(NUMBER_ATTRIBUTES)].sort();
const SEARCH_KEYS = [...ATTRIBUTES, ...Object.keys(ALIASES)];
const ORDER_KEYS = [...ATTRIBUTES, 'created', 'Created'];
export const DATASET_KEYS: readonly string[] = ['name', 'digest', 'context'];

/** The field that a filter names. @throws InvalidParameterError */
export function parseSearchField(identifier: string): RunField {
  return parseField(identifier, SEARCH_KEYS);
}

/** The field that an order names; the alias `run name` is not among them. @throws InvalidParameterError */
export function parseOrderField(identifier: string): RunField {
  return resolveAlias(parseField(identifier, ORDER_KEYS));
}

/** The same field under the one name that it is read by. */
export function resolveAlias({ type, key }: RunField): RunField {
  return { type, key: type === 'attribute' ? (ALIASES[key] ?? key) : key };
}

function parseField(identifier: string, attributes: readonly string[]): RunField {
  const { entity = 'attribute', key: written } = splitIdentifier(identifier);
  const name = stripBackticks(entity);
  const type = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  if (type === undefined) {
    throw new InvalidParameterError(
      `Invalid entity type '${name}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`,
    );
  }
  const key = stripKey(written);
  const known = type === 'attribute' ? attributes : type === 'dataset' ? DATASET_KEYS : undefined;
  if (known !== undefined && !known.includes(key)) {
    throw new InvalidParameterError(
      `Invalid ${type} key '${key}' specified. Valid keys are '${toPythonSet(known)}'`,
    );
  }
  return { type, key };
}

/** Whether a field holds numbers. */
export function isNumeric({ type, key }: RunField): boolean {
  return type === 'metric' || (type === 'attribute' && Object.hasOwn(NUMBER_ATTRIBUTES, ALIASES[key] ?? key));
}

/** Reads a field that is not about datasets; undefined where the run lacks it. */
export function readField({ type, key }: RunField): (run: SearchableRun) => Sortable {
  if (type === 'metric') return (run) => lookUp(run.latest, key)?.value;
  if (type === 'parameter') return (run) => lookUp(run.params, key);
  if (type === 'tag') return (run) => lookUp(run.tags, key);
  return TEXT_ATTRIBUTES[key] ?? (NUMBER_ATTRIBUTES[key] as (run: SearchableRun) => number | undefined);
}

/** Own entries only: a tag may be called `constructor`. */
function lookUp<T>(entries: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(entries, key) ? entries[key] : undefined;
}
