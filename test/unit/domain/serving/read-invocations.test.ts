import { describe, expect, it } from 'vitest';
import type { Binding } from '../../../../domain/serving/binding.ts';
import { parseJsonBody } from '../../../../domain/serving/json-body.ts';
import { readInvocations } from '../../../../domain/serving/read-invocations.ts';
import type { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import {
  bindColumns,
  bindTensors,
  columnsBinding,
  graphValue,
  matrixBinding,
} from '../../../support/serving-models.ts';

function errorsOf(body: unknown, binding: Binding) {
  try {
    readInvocations(body as Record<string, unknown>, binding);
  } catch (error) {
    return (error as InvalidInputError).errors;
  }
  throw new Error('was accepted');
}

const MATRIX = { type: 'float32', data: Float32Array.of(1, 2, 3, 4), dims: [2, 2] };

describe('readInvocations of a matrix model', () => {
  it.each([
    [
      'dataframe_split',
      {
        dataframe_split: {
          columns: ['a', 'b'],
          index: [0, 1],
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      },
    ],
    [
      'dataframe_split in another order',
      {
        dataframe_split: {
          columns: ['b', 'a'],
          data: [
            [2, 1],
            [4, 3],
          ],
        },
      },
    ],
    [
      'dataframe_split without names',
      {
        dataframe_split: {
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      },
    ],
    [
      'dataframe_records',
      {
        dataframe_records: [
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ],
      },
    ],
    [
      'dataframe_records in another order',
      {
        dataframe_records: [
          { a: 1, b: 2 },
          { b: 4, a: 3 },
        ],
      },
    ],
    [
      'instances of records',
      {
        instances: [
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ],
      },
    ],
    [
      'instances of lists',
      {
        instances: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    ['inputs by column', { inputs: { b: [2, 4], a: [1, 3] } }],
    [
      'inputs by row',
      {
        inputs: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
  ])('reads %s', (_, body) => {
    const batch = readInvocations(body, matrixBinding());

    expect(batch).toEqual({ rows: 2, feeds: { features: MATRIX } });
  });

  it('reads null as NaN, never as 0', () => {
    const batch = readInvocations({ dataframe_records: [{ a: null, b: 2 }] }, matrixBinding());

    expect(batch.feeds.features?.data).toEqual(Float32Array.of(Number.NaN, 2));
  });

  it('fills a column that is not required and not there with NaN', () => {
    const binding = bindColumns({ inputs: [graphValue('x', 'float32', ['N', 2])], outputs: [] }, [
      ['a', 'double'],
      ['b', 'double', false],
    ]);

    expect(readInvocations({ dataframe_records: [{ a: 1 }] }, binding).feeds.x?.data).toEqual(
      Float32Array.of(1, Number.NaN),
    );
    expect(readInvocations({ inputs: { a: [1] } }, binding).feeds.x?.data).toEqual(
      Float32Array.of(1, Number.NaN),
    );
  });

  it.each([
    ['an unknown format', { rows: [] }, 'rows', 'is not known'],
    ['two formats', { instances: [[1, 2]], inputs: [[1, 2]] }, 'inputs', 'together'],
    ['no format', { params: {} }, '', 'must have one of'],
    ['no rows', { instances: [] }, 'instances', 'at least one row'],
    ['a format that is no list', { instances: 1 }, 'instances', 'list of rows'],
    [
      'an unknown column',
      { dataframe_split: { columns: ['a', 'z'], data: [[1, 2]] } },
      'dataframe_split.columns[1]',
      "'z'",
    ],
    [
      'a name that is no string',
      { dataframe_split: { columns: ['a', 7], data: [[1, 2]] } },
      'dataframe_split.columns[1]',
      'not a string',
    ],
    [
      'a repeated column',
      { dataframe_split: { columns: ['a', 'a'], data: [[1, 2]] } },
      'dataframe_split.columns[1]',
      'second time',
    ],
    [
      'a missing column',
      { dataframe_split: { columns: ['a'], data: [[1]] } },
      'dataframe_split.columns',
      "column 'b'",
    ],
    [
      'a short row',
      { dataframe_split: { columns: ['a', 'b'], data: [[1, 2], [3]] } },
      'dataframe_split.data[1]',
      '2 values',
    ],
    [
      'a row that is no list',
      { dataframe_split: { columns: ['a', 'b'], data: [1] } },
      'dataframe_split.data[0]',
      'list of values',
    ],
    [
      'data that is no list',
      { dataframe_split: { columns: ['a', 'b'] } },
      'dataframe_split.data',
      'list of rows',
    ],
    [
      'columns that are no list',
      { dataframe_split: { columns: 'a', data: [] } },
      'dataframe_split.columns',
      'list of names',
    ],
    ['a split that is no object', { dataframe_split: [] }, 'dataframe_split', 'object'],
    [
      'an unknown field of the split',
      { dataframe_split: { data: [], dtype: 1 } },
      'dataframe_split.dtype',
      'not known',
    ],
    [
      'a wrong type in a list',
      { dataframe_split: { columns: ['a', 'b'], data: [[1, 'x']] } },
      'dataframe_split.data[0][1]',
      'not a string',
    ],
    [
      'a wrong type in a record',
      { dataframe_records: [{ a: 1, b: true }] },
      'dataframe_records[0].b',
      'not a boolean',
    ],
    [
      'an unknown field of a record',
      { dataframe_records: [{ a: 1, b: 2, c: 3 }] },
      'dataframe_records[0].c',
      'not a column',
    ],
    [
      'a field that a record lacks',
      { dataframe_records: [{ a: 1 }] },
      'dataframe_records[0].b',
      'is missing',
    ],
    ['a record that is no object', { dataframe_records: [[1, 2]] }, 'dataframe_records[0]', 'object'],
    [
      'a number beyond 32 bits',
      { dataframe_records: [{ a: 1, b: 1e39 }] },
      'dataframe_records[0].b',
      'fits 32 bits',
    ],
    ['a list where a value belongs', { instances: [[1, [2]]] }, 'instances[0][1]', 'not a list'],
    ['an object where a value belongs', { instances: [[1, {}]] }, 'instances[0][1]', 'not an object'],
    ['an unknown column list', { inputs: { a: [1], b: [2], z: [3] } }, 'inputs.z', 'not a column'],
    ['a column that is no list', { inputs: { a: [1], b: 2 } }, 'inputs.b', 'list of values'],
    ['columns of two lengths', { inputs: { a: [1], b: [2, 3] } }, 'inputs.b', '1 values'],
    ['a column list that is not there', { inputs: { a: [1] } }, 'inputs', "column 'b'"],
    ['a wrong type in a column list', { inputs: { a: [1], b: ['2'] } }, 'inputs.b[0]', 'a number'],
    ['params of a model without', { instances: [[1, 2]], params: { p: 1 } }, 'params.p', 'not a parameter'],
    ['params that are no object', { instances: [[1, 2]], params: [1] }, 'params', 'object'],
  ])('refuses %s', (_, body, path, message) => {
    const errors = errorsOf(body, matrixBinding());

    expect(errors).toContainEqual({ path, message: expect.stringContaining(message) });
  });

  it('shows the first twenty of many errors', () => {
    const body = { dataframe_records: Array.from({ length: 100 }, () => ({ a: 'x', b: 'y' })) };

    expect(errorsOf(body, matrixBinding())).toHaveLength(20);
  });

  it('refuses another number of rows than the model was exported for', () => {
    const inputs = [graphValue('x', 'float32', [1, 1])];
    const binding = bindColumns({ inputs, outputs: [graphValue('y', 'float32', ['N'])] }, [['x', 'double']]);

    expect(errorsOf({ instances: [[1], [2]] }, binding)[0]?.message).toContain('exactly 1 rows');
  });
});

describe('readInvocations of a model with an input a column', () => {
  it('reads each column in its own type', () => {
    const body = {
      dataframe_records: [
        { age: 41.5, city: 'Bern', visits: 3, member: true },
        { age: null, city: null, visits: -1, member: false },
      ],
    };

    const { feeds } = readInvocations(body, columnsBinding());

    expect(feeds.age).toEqual({ type: 'float32', data: Float32Array.of(41.5, Number.NaN), dims: [2, 1] });
    expect(feeds.city).toEqual({ type: 'string', data: ['Bern', ''], dims: [2, 1] });
    expect(feeds.visits).toEqual({ type: 'int64', data: BigInt64Array.of(3n, -1n), dims: [2, 1] });
    expect(feeds.member).toEqual({ type: 'bool', data: Uint8Array.of(1, 0), dims: [2] });
  });

  it('keeps 64-bit integers exactly', () => {
    const text = '{"dataframe_records":[{"age":1,"city":"","visits":9007199254740993,"member":true}]}';

    const { feeds } = readInvocations(parseJsonBody(text, true), columnsBinding());

    expect(feeds.visits?.data).toEqual(BigInt64Array.of(9007199254740993n));
  });

  it.each([
    ['a fraction', { visits: 1.5 }, 'visits', 'integer'],
    ['an integer beyond 64 bits', { visits: 2 ** 63 }, 'visits', 'integer'],
    ['null for an integer', { visits: null }, 'visits', 'no missing value'],
    ['null for a boolean', { member: null }, 'member', 'no missing value'],
    ['a number for a string', { city: 7 }, 'city', 'a string'],
    ['a number for a boolean', { member: 1 }, 'member', 'true or false'],
  ])('refuses %s', (_, change, column, message) => {
    const record = { age: 1, city: 'x', visits: 1, member: true, ...change };

    expect(errorsOf({ dataframe_records: [record] }, columnsBinding())).toEqual([
      { path: `dataframe_records[0].${column}`, message: expect.stringContaining(message) },
    ]);
  });

  it('refuses to leave out an optional column that has no missing value', () => {
    const body = { inputs: { age: [1], city: ['x'], visits: [1] } };

    expect(errorsOf(body, columnsBinding())[0]?.message).toContain("'member': no missing value");
  });

  it('does not take inherited properties for columns', () => {
    const binding = bindColumns({ inputs: [graphValue('constructor', 'string', ['N', 1])], outputs: [] }, [
      ['constructor', 'string'],
    ]);

    expect(errorsOf({ dataframe_records: [{}] }, binding)[0]?.message).toContain('is missing');
  });
});

describe('readInvocations of columns in other tensors', () => {
  it.each([
    ['integer', 'int32', 5, Int32Array.of(5)],
    ['integer', 'float32', 5, Float32Array.of(5)],
    ['long', 'float64', null, Float64Array.of(Number.NaN)],
    ['boolean', 'float32', true, Float32Array.of(1)],
    ['boolean', 'int64', true, BigInt64Array.of(1n)],
    ['double', 'float64', 1e300, Float64Array.of(1e300)],
    ['double', 'float32', 9007199254740993n, Float32Array.of(2 ** 53)],
    ['integer', 'uint8', 255, Uint8Array.of(255)],
    ['long', 'int16', -5, Int16Array.of(-5)],
    ['long', 'int8', -5, Int8Array.of(-5)],
    ['long', 'uint16', 5, Uint16Array.of(5)],
    ['long', 'uint32', 5, Uint32Array.of(5)],
    ['long', 'uint64', 5, BigUint64Array.of(5n)],
    ['datetime', 'string', '2026-01-02T03:04:05Z', ['2026-01-02T03:04:05Z']],
    ['binary', 'string', 'AAA=', ['AAA=']],
  ])('stores %s in %s', (type, tensor, value, data) => {
    const binding = bindColumns({ inputs: [graphValue('x', tensor, ['N', 1])], outputs: [] }, [['x', type]]);

    expect(readInvocations({ inputs: { x: [value] } }, binding).feeds.x?.data).toEqual(data);
  });

  it.each([
    ['datetime', 'string', 'yesterday'],
    ['binary', 'string', '*'],
    ['integer', 'uint8', 256],
    ['integer', 'float32', 2 ** 31],
    ['long', 'uint64', -1n],
  ])('refuses a wrong %s for %s', (type, tensor, value) => {
    const binding = bindColumns({ inputs: [graphValue('x', tensor, ['N', 1])], outputs: [] }, [['x', type]]);

    expect(errorsOf({ inputs: { x: [value] } }, binding)[0]?.path).toBe('inputs.x[0]');
  });
});

describe('readInvocations of a model of tensors', () => {
  const image = { inputs: [graphValue('image', 'float32', ['N', 2, 2])], outputs: [] };
  const two = {
    inputs: [graphValue('ids', 'int64', ['N', 2]), graphValue('text', 'string', ['N'])],
    outputs: [],
  };
  const imageBinding = () => bindTensors(image, [['image', 'float32', [-1, 2, 2]]]);
  const twoBinding = () =>
    bindTensors(two, [
      ['ids', 'int64', [-1, 2]],
      ['text', 'str', [-1]],
    ]);

  it.each([
    [
      'inputs',
      {
        inputs: [
          [
            [1, 2],
            [3, null],
          ],
        ],
      },
    ],
    [
      'inputs by name',
      {
        inputs: {
          image: [
            [
              [1, 2],
              [3, null],
            ],
          ],
        },
      },
    ],
    [
      'instances',
      {
        instances: [
          [
            [1, 2],
            [3, null],
          ],
        ],
      },
    ],
    [
      'instances by name',
      {
        instances: [
          {
            image: [
              [1, 2],
              [3, null],
            ],
          },
        ],
      },
    ],
  ])('reads %s', (_, body) => {
    const batch = readInvocations(body, imageBinding());

    expect(batch).toEqual({
      rows: 1,
      feeds: { image: { type: 'float32', data: Float32Array.of(1, 2, 3, Number.NaN), dims: [1, 2, 2] } },
    });
  });

  it('reads several tensors', () => {
    const { rows, feeds } = readInvocations(
      {
        inputs: {
          ids: [
            [1, 2],
            [3, 4],
          ],
          text: ['a', 'b'],
        },
      },
      twoBinding(),
    );

    expect(rows).toBe(2);
    expect(feeds.ids?.data).toEqual(BigInt64Array.of(1n, 2n, 3n, 4n));
    expect(feeds.text?.data).toEqual(['a', 'b']);
  });

  it.each([
    ['a table', { dataframe_split: {} }, 'dataframe_split'],
    ['another shape', { inputs: [[1, 2]] }, 'inputs'],
    ['an uneven list', { inputs: [[[1, 2], [3]]] }, 'inputs'],
    ['an empty list', { inputs: [] }, 'inputs'],
    [
      'a wrong value',
      {
        inputs: [
          [
            [1, 2],
            [3, 'x'],
          ],
        ],
      },
      'inputs[3]',
    ],
    ['a scalar', { inputs: 1 }, 'inputs'],
    ['an unknown name', { inputs: { pixels: [] } }, 'inputs.pixels'],
    ['instances that are no list', { instances: {} }, 'instances'],
  ])('refuses %s', (_, body, path) => {
    expect(errorsOf(body, imageBinding()).map((error) => error.path)).toContain(path);
  });

  it.each([
    ['a lone list', { inputs: [[1, 2]] }, 'inputs'],
    ['a missing tensor', { inputs: { ids: [[1, 2]] } }, 'inputs'],
    ['tensors of two lengths', { inputs: { ids: [[1, 2]], text: ['a', 'b'] } }, 'inputs'],
    [
      'an instance without one',
      { instances: [{ ids: [1, 2], text: 'a' }, { ids: [1, 2] }] },
      'instances.text[1]',
    ],
  ])('refuses %s for several tensors', (_, body, path) => {
    expect(errorsOf(body, twoBinding()).map((error) => error.path)).toContain(path);
  });
});
