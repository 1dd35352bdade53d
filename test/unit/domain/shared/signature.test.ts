import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import { parseSignature, toSignatureJson } from '../../../../domain/shared/signature.ts';

function errorsOf(value: unknown) {
  try {
    parseSignature(value);
  } catch (error) {
    return (error as InvalidInputError).errors;
  }
  throw new Error('was accepted');
}

describe('parseSignature', () => {
  it('reads columns, tensors and parameters', () => {
    const signature = parseSignature({
      inputs: [
        { name: 'x', type: 'double' },
        { name: 'n', type: 'long', required: false },
      ],
      outputs: [{ type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } }],
      params: [{ name: 'threshold', type: 'float', default: 0.5, shape: null }],
    });

    expect(signature.inputs).toEqual([
      { name: 'x', type: 'double', required: true },
      { name: 'n', type: 'long', required: false },
    ]);
    expect(signature.outputs).toEqual([{ name: '0', type: 'tensor', dtype: 'float32', shape: [-1, 2] }]);
    expect(signature.params).toEqual([{ name: 'threshold', type: 'float', default: 0.5, shape: null }]);
  });

  it('reads the strings of JSON that an MLmodel file holds, and the old word optional', () => {
    const signature = parseSignature({
      inputs: '[{"name":"x","type":"string","optional":true}]',
      outputs: null,
    });

    expect(signature.inputs).toEqual([{ name: 'x', type: 'string', required: false }]);
  });

  it('writes back what it read', () => {
    const json = {
      inputs: [{ name: 'x', type: 'double', required: true }],
      outputs: [{ name: 'y', type: 'tensor', 'tensor-spec': { dtype: 'str', shape: [-1] } }],
      params: null,
    };

    expect(toSignatureJson(parseSignature(json))).toEqual(json);
  });

  it('takes object tensors as strings and dtype as the type of a parameter', () => {
    const tensor = { name: 'x', type: 'tensor', 'tensor-spec': { dtype: 'object', shape: [-1] } };
    const signature = parseSignature({
      inputs: [tensor],
      params: [{ name: 'p', dtype: 'long', shape: [-1] }],
    });

    expect(signature.inputs[0]).toMatchObject({ dtype: 'str' });
    expect(signature.params).toEqual([{ name: 'p', type: 'long', default: null, shape: [-1] }]);
    expect(toSignatureJson(signature).params).toHaveLength(1);
  });

  it.each([
    ['no inputs', {}, 'inputs'],
    ['an empty list of inputs', { inputs: [] }, 'inputs'],
    ['text that is not JSON', { inputs: '[' }, 'inputs'],
    ['an input that is no object', { inputs: [1] }, 'inputs[0]'],
    ['an empty name', { inputs: [{ name: '', type: 'long' }] }, 'inputs[0].name'],
    ['an unknown type', { inputs: [{ name: 'a', type: 'decimal' }] }, 'inputs[0].type'],
    [
      'a required that is no boolean',
      { inputs: [{ name: 'a', type: 'long', required: 1 }] },
      'inputs[0].required',
    ],
    [
      'a repeated name',
      {
        inputs: [
          { name: 'a', type: 'long' },
          { name: 'a', type: 'long' },
        ],
      },
      'inputs',
    ],
    ['a tensor without shape', { inputs: [{ name: 'a', type: 'tensor' }] }, 'inputs[0].tensor-spec.shape'],
    [
      'a tensor of an unknown dtype',
      { inputs: [{ name: 'a', type: 'tensor', 'tensor-spec': { dtype: 'complex64', shape: [1] } }] },
      'inputs[0].tensor-spec.dtype',
    ],
    [
      'columns mixed with tensors',
      {
        inputs: [
          { name: 'a', type: 'long' },
          { name: 'b', type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: [-1] } },
        ],
      },
      'inputs',
    ],
    ['a parameter without a name', { inputs: [{ name: 'a', type: 'long' }], params: [{}] }, 'params[0].name'],
    [
      'a parameter without a type',
      { inputs: [{ name: 'a', type: 'long' }], params: [{ name: 'p' }] },
      'params[0].type',
    ],
  ])('refuses %s', (_, value, path) => {
    expect(errorsOf(value).map((error) => error.path)).toContain(path);
  });

  it.each([null, [], 'x'])('refuses %j as a whole', (value) => {
    expect(() => parseSignature(value)).toThrow(InvalidInputError);
  });
});
