import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  parseModelFilter,
  parseVersionFilter,
} from '../../../../../domain/registry/search/registry-filter.ts';
import { parseModelOrder, parseVersionOrder } from '../../../../../domain/registry/search/registry-order.ts';
import { DomainError } from '../../../../../domain/shared/domain-error.ts';
import { parseOrder } from '../../../../../domain/shared/mlflow/parse-order.ts';
import {
  parseExperimentField,
  parseExperimentFilter,
} from '../../../../../domain/tracking/search/experiment-filter.ts';
import { parseExperimentOrder } from '../../../../../domain/tracking/search/experiment-order.ts';
import { parseLoggedModelFilter } from '../../../../../domain/tracking/search/logged-model-filter.ts';
import { parseOrderField } from '../../../../../domain/tracking/search/run-fields.ts';
import { parseRunFilter } from '../../../../../domain/tracking/search/run-filter.ts';
import { parseRunOrder } from '../../../../../domain/tracking/search/run-order.ts';

interface Clause {
  readonly type: string;
  readonly key: string;
  readonly comparator: string;
  readonly value: unknown;
}

const FILTERS: Readonly<Record<string, (text: string) => readonly Clause[]>> = {
  runs: parseRunFilter,
  experiments: parseExperimentFilter,
  models: parseModelFilter,
  versions: parseVersionFilter,
  'logged-models': parseLoggedModelFilter,
};
const ORDERS: Readonly<Record<string, (text: string) => unknown>> = {
  runs: (text) => {
    parseRunOrder([text]);
    const { field, descending } = parseOrder(text);
    const { type, key } = parseOrderField(field);
    return [type, key, descending];
  },
  experiments: (text) => {
    parseExperimentOrder([text]);
    const { field, descending } = parseOrder(text);
    const { type, key } = parseExperimentField(field);
    return [type, key, descending];
  },
  models: (text) => toPair(parseModelOrder([text])[0]),
  versions: (text) => toPair(parseVersionOrder([text])[0]),
};

function toPair(order: { readonly key: string; readonly descending: boolean } | undefined) {
  return [order?.key, order?.descending];
}

function answer(search: string, kind: string, text: string): unknown {
  try {
    if (kind === 'order') return ORDERS[search]?.(text);
    return FILTERS[search]?.(text).map(({ type, key, comparator, value }) => [
      type,
      key,
      comparator.toUpperCase(),
      Number.isNaN(value) ? 'NaN' : (value ?? null),
    ]);
  } catch (error) {
    if (error instanceof DomainError && error.status === 400)
      return error.message.replaceAll(/'?\{[^}]*\}'?/g, '{}');
    throw error;
  }
}

const recorded = readFileSync(new URL('recorded-grammar.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [string, string, string, string]);

describe("MLflow's search grammar", () => {
  it.each(recorded)('%s: the %s %s is read as %s', (search, kind, text, expected) => {
    const given = answer(search, kind, JSON.parse(text) as string);

    if (expected === 'null') expect(given).toBeTypeOf('string');
    else expect(given).toEqual(JSON.parse(expected));
  });
});
