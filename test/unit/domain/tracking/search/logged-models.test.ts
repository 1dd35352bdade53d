import { describe, expect, it } from 'vitest';
import type { SearchableLoggedModel } from '../../../../../domain/tracking/search/logged-model-fields.ts';
import { compileLoggedModelFilter } from '../../../../../domain/tracking/search/logged-model-filter.ts';
import {
  compareLoggedModels,
  type LoggedModelOrderBy,
  sortLoggedModels,
} from '../../../../../domain/tracking/search/logged-model-order.ts';
import {
  formatLoggedModelToken,
  parseLoggedModelToken,
} from '../../../../../domain/tracking/search/logged-model-token.ts';

function makeModel(modelId: string, more: Partial<SearchableLoggedModel> = {}): SearchableLoggedModel {
  return {
    modelId,
    experimentId: '1',
    name: `model ${modelId}`,
    status: 'READY',
    artifactUri: `mlflow-artifacts:/1/models/${modelId}`,
    creationTimestamp: 1000,
    lastUpdatedTimestamp: 1000,
    tags: {},
    params: {},
    metrics: [],
    ...more,
  };
}

const metric = (value: number, more: object = {}) => ({ key: 'acc', value, timestamp: 1, step: 0, ...more });
const models = [
  makeModel('a', { params: { lr: '0.1' }, metrics: [metric(1, { datasetName: 'x', datasetDigest: '1' })] }),
  makeModel('b', {
    modelType: 'agent',
    creationTimestamp: 2000,
    metrics: [metric(5), metric(2, { datasetName: 'x', datasetDigest: '2', timestamp: 3 })],
  }),
  makeModel('c', { tags: { team: 'ml' }, sourceRunId: 'r1' }),
];
const ids = (found: readonly SearchableLoggedModel[]) => found.map(({ modelId }) => modelId).join(' ');

describe('a filter on logged models', () => {
  it.each([
    ['', [], 'a b c'],
    ["name LIKE 'model%' AND model_id != 'a'", [], 'b c'],
    ["model_type != 'x'", [], 'b'],
    ['creation_timestamp > 1500', [], 'b'],
    ['attributes.creation_time = 1000 AND last_updated_timestamp <= 1000', [], 'a c'],
    ['params.lr = 0.1', [], 'a'],
    ["tags.`team` IN ('ml', 'ops')", [], 'c'],
    ["source_run_id NOT IN ('r2')", [], 'c'],
    ['metrics.acc > 1', [], 'b'],
    ['metrics.acc > 1', [{ dataset_name: 'x' }], 'b'],
    ['metrics.acc > 3', [{ dataset_name: 'x' }], ''],
    ['metrics.acc > 0', [{ dataset_name: 'x', dataset_digest: '1' }], 'a'],
    ['metrics.acc <= inf', [], 'a b'],
    ["status = 'READY'", [{ dataset_name: 'x' }], 'a b'],
    ['', [{ dataset_name: 'y' }, { dataset_name: 'x', dataset_digest: '2' }], 'b'],
  ])('%s on %j finds [%s]', (filter, datasets, expected) => {
    expect(ids(models.filter(compileLoggedModelFilter(filter, datasets)))).toBe(expected);
  });

  it.each([
    ['run_id = 1', "Invalid attribute key 'run_id' specified."],
    ['metrics.acc > x', 'Expected numeric value type. Found x'],
    ["name = ('x')", "Invalid value for the comparison operator '='"],
  ])('refuses %s, which breaks MLflow itself', (filter, message) => {
    expect(() => compileLoggedModelFilter(filter)).toThrow(message);
  });
});

describe('an order of logged models', () => {
  it.each([
    [[], 'b a c'],
    [[{ field_name: 'name', ascending: false }], 'c b a'],
    [[{ field_name: 'model_type' }], 'b a c'],
    [[{ field_name: 'metrics.acc' }], 'a b c'],
    [[{ field_name: 'metrics.acc', ascending: false }], 'b a c'],
    [[{ field_name: 'metrics.acc', dataset_name: 'x', dataset_digest: '1' }], 'a b c'],
    [
      [
        { field_name: 'creation_time', ascending: true },
        { field_name: 'model_id', ascending: false },
      ],
      'c a b',
    ],
  ])('%j gives [%s]', (orderBy: readonly LoggedModelOrderBy[], expected) => {
    expect(ids(sortLoggedModels(models, orderBy))).toBe(expected);
    expect(ids([...models].sort(compareLoggedModels(orderBy)))).toBe(expected);
  });

  it('takes the newest point of a metric by time, step and run', () => {
    const points = [
      metric(1, { timestamp: 2, step: 1, runId: 'b' }),
      metric(2, { timestamp: 2, step: 2, runId: 'b' }),
      metric(3, { timestamp: 2, step: 2, runId: 'a' }),
      metric(9, { timestamp: 1, step: 9 }),
    ];
    const given = [makeModel('x', { metrics: points }), makeModel('y', { metrics: [metric(2.5)] })];

    expect(ids(sortLoggedModels(given, [{ field_name: 'metrics.acc' }]))).toBe('y x');
  });

  it.each([
    ['params.lr', 'Invalid order by field name: params.lr. Only metrics are supported.'],
    ['colour', 'Invalid order by field name: colour'],
  ])('refuses %s', (field_name, message) => {
    expect(() => sortLoggedModels([], [{ field_name }])).toThrow(message);
  });
});

describe('a page token of logged models', () => {
  const query = { experimentIds: ['1'], filter: "name = 'x'", orderBy: [{ field_name: 'name' }] };

  it('continues the query that it was made for', () => {
    const token = formatLoggedModelToken({ ...query, offset: 50 });
    const behind = formatLoggedModelToken({ ...query, offset: 50, after: 'm-1' });

    expect(parseLoggedModelToken(token, query)).toEqual({ offset: 50 });
    expect(parseLoggedModelToken(behind, query)).toEqual({ offset: 50, after: 'm-1' });
    expect(parseLoggedModelToken(undefined, query)).toEqual({ offset: 0 });
  });

  it.each([
    [{ ...query, experimentIds: ['2'] }, "Expected: ['2']. Found: ['1']"],
    [{ ...query, filter: '' }, "Expected: None. Found: name = 'x'"],
    [{ ...query, orderBy: [] }, 'Order by in the page token does not match the requested order by.'],
  ])('is refused for another query', (other, message) => {
    const token = formatLoggedModelToken({ ...query, offset: 50 });

    expect(() => parseLoggedModelToken(token, other)).toThrow(message);
  });

  it('is refused when it is none', () => {
    expect(() => parseLoggedModelToken('W10=', query)).toThrow('Invalid page token, parsed value=[]');
  });
});
