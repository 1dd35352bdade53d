import { describe, expect, it } from 'vitest';
import { parseFilter, toLikePattern } from '../../../../domain/shared/mlflow-filter.ts';

describe('parseFilter', () => {
  it.each([
    ['', []],
    ['metrics.rmse < 0.5', [{ entity: 'metrics', key: 'rmse', comparator: '<', value: 0.5 }]],
    ['metric.`a b` >= -1e3', [{ entity: 'metric', key: 'a b', comparator: '>=', value: -1000 }]],
    ['params."x.y" != \'it\'', [{ entity: 'params', key: 'x.y', comparator: '!=', value: 'it' }]],
    ["tags.mlflow.user = 'ada'", [{ entity: 'tags', key: 'mlflow.user', comparator: '=', value: 'ada' }]],
    ['status = "RUNNING"', [{ entity: 'attribute', key: 'status', comparator: '=', value: 'RUNNING' }]],
    ['tags.a is not null', [{ entity: 'tags', key: 'a', comparator: 'IS NOT NULL', value: undefined }]],
    ['params.a IS NULL', [{ entity: 'params', key: 'a', comparator: 'IS NULL', value: undefined }]],
    [
      'run_id NOT IN (\'a\', "b")',
      [{ entity: 'attribute', key: 'run_id', comparator: 'NOT IN', value: ['a', 'b'] }],
    ],
    ["name ilike '%and%'", [{ entity: 'attribute', key: 'name', comparator: 'ILIKE', value: '%and%' }]],
  ])('reads %s', (filter, expected) => {
    expect(parseFilter(filter)).toEqual(expected);
  });

  it('joins clauses with AND', () => {
    expect(parseFilter("a = 'x AND y' and b = 'z'").map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it.each([
    "a = 'b' OR c = 'd'",
    "a = 'b' AND",
    'metrics.rmse <',
    'metrics.rmse',
    "= 'a'",
    "(a = 'b')",
    'status = RUNNING',
    "run_id IN 'a'",
    "a = 'b",
  ])('refuses %s', (filter) => {
    expect(() => parseFilter(filter)).toThrow();
  });
});

describe('toLikePattern', () => {
  it.each([
    ['a%', 'abc', true],
    ['a_c', 'abc', true],
    ['a.c', 'abc', false],
    ['A%', 'abc', false],
  ])('%s against %s is %s', (pattern, text, matches) => {
    expect(toLikePattern(pattern, false).test(text)).toBe(matches);
  });

  it('ignores case for ILIKE', () => {
    expect(toLikePattern('A%', true).test('abc')).toBe(true);
  });
});
