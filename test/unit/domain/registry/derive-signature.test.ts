import { describe, expect, it } from 'vitest';
import { deriveExampleInputs, deriveSignature } from '../../../../domain/registry/derive-signature.ts';
import { findScoreRange, findTask, parseJsonObject } from '../../../../domain/registry/read-companions.ts';

const value = (name: string, type: string, shape: (number | string)[]) => ({
  name,
  isTensor: true,
  type,
  shape,
});

describe('deriveSignature', () => {
  it('reads inputs of one value a row as columns', () => {
    const graph = {
      inputs: [value('age', 'float32', ['N', 1]), value('city', 'string', ['N'])],
      outputs: [value('label', 'int64', ['N'])],
    };

    expect(deriveSignature(graph)).toEqual({
      inputs: [
        { name: 'age', type: 'float', required: true },
        { name: 'city', type: 'string', required: true },
      ],
      outputs: [{ name: 'label', type: 'tensor', dtype: 'int64', shape: [-1] }],
      params: [],
    });
  });

  it('reads a matrix as a tensor and leaves out what is none', () => {
    const zipmap = { name: 'probabilities', isTensor: false, type: undefined, shape: [] };
    const graph = {
      inputs: [value('X', 'float32', ['N', 4])],
      outputs: [value('y', 'string', ['N']), zipmap],
    };

    expect(deriveSignature(graph)).toEqual({
      inputs: [{ name: 'X', type: 'tensor', dtype: 'float32', shape: [-1, 4] }],
      outputs: [{ name: 'y', type: 'tensor', dtype: 'str', shape: [-1] }],
      params: [],
    });
  });

  it('reads several inputs as tensors when one of them is wide', () => {
    const graph = { inputs: [value('a', 'float32', ['N', 1]), value('b', 'uint8', ['N'])], outputs: [] };

    expect(deriveSignature(graph).inputs.map(({ type }) => type)).toEqual(['tensor', 'tensor']);
  });
});

describe('deriveExampleInputs', () => {
  it('makes one row of a tensor', () => {
    const inputs = [
      { name: 'X', type: 'tensor', dtype: 'float32', shape: [-1, 2] },
      { name: 's', type: 'tensor', dtype: 'str', shape: [-1] },
      { name: 'b', type: 'tensor', dtype: 'bool', shape: [] },
    ] as const;

    expect(deriveExampleInputs({ inputs, outputs: [], params: [] })).toEqual({
      inputs: { X: [[0, 0]], s: [''], b: false },
    });
  });

  it('makes as many rows as a model takes that was exported for a fixed batch', () => {
    const columns = [{ name: 'a', type: 'double', required: true }] as const;
    const tensors = [{ name: 'X', type: 'tensor', dtype: 'int64', shape: [-1, 1] }] as const;

    expect(deriveExampleInputs({ inputs: columns, outputs: [], params: [] }, 2)).toEqual({
      dataframe_split: { columns: ['a'], data: [[0], [0]] },
    });
    expect(deriveExampleInputs({ inputs: tensors, outputs: [], params: [] }, 2)).toEqual({
      inputs: { X: [[0], [0]] },
    });
  });

  it('makes one row of columns', () => {
    const columns = ['double', 'string', 'boolean', 'datetime'] as const;
    const inputs = columns.map((type) => ({ name: type, type, required: true }));

    expect(deriveExampleInputs({ inputs, outputs: [], params: [] })).toEqual({
      dataframe_split: { columns: [...columns], data: [[0, '', false, '1970-01-01T00:00:00']] },
    });
  });
});

describe('findTask', () => {
  it.each([
    [[{ name: 'label', type: 'tensor', 'tensor-spec': { dtype: 'int64' } }], 'classification'],
    [[{ name: 'y', type: 'string' }], 'classification'],
    [[{ name: 'probabilities', type: 'tensor', 'tensor-spec': { dtype: 'float32' } }], 'classification'],
    [[{ name: 'y', type: 'double' }], 'regression'],
    [undefined, 'regression'],
  ])('of outputs %j is %s', (outputs, task) => {
    expect(findTask({ outputs })).toBe(task);
  });
});

describe('findScoreRange', () => {
  it.each([
    [{ prediction: { min: 0, max: 10 } }, 'regression', { low: -1, high: 11 }],
    [{ prediction: { min: 2, max: 2 } }, 'regression', { low: 1, high: 3 }],
    [{ prediction: { min: 0, max: 10 } }, 'classification', undefined],
    [{ prediction: { min: null, max: null } }, 'regression', undefined],
    [undefined, 'regression', undefined],
  ] as const)('of %j for %s is %j', (profile, task, expected) => {
    expect(findScoreRange(profile, task)).toEqual(expected);
  });
});

describe('parseJsonObject', () => {
  it.each([['[1]'], ['null'], ['x'], ['1']])('knows that %s is no object', (text) => {
    expect(parseJsonObject(Buffer.from(text))).toBeUndefined();
  });

  it('reads objects, and nothing of nothing', () => {
    expect(parseJsonObject(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
    expect(parseJsonObject(undefined)).toBeUndefined();
  });
});
