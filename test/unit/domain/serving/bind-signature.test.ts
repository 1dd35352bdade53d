import { describe, expect, it } from 'vitest';
import { bindSignature } from '../../../../domain/serving/bind-signature.ts';
import { SignatureMismatchError } from '../../../../domain/serving/errors.ts';
import type { ModelGraph } from '../../../../domain/serving/ports.ts';
import { parseSignature } from '../../../../domain/shared/signature.ts';
import {
  bindColumns,
  bindTensors,
  columnsBinding,
  graphValue,
  MATRIX_GRAPH,
} from '../../../support/serving-models.ts';

const outputs = [graphValue('y', 'float32', ['N'])];
const graphOf = (...inputs: ModelGraph['inputs']): ModelGraph => ({ inputs, outputs });

describe('bindSignature', () => {
  it('puts the columns of a matrix model into its one input, in order', () => {
    const binding = bindColumns(MATRIX_GRAPH, [
      ['b', 'double'],
      ['a', 'float'],
    ]);

    expect(binding.inputs).toEqual([{ name: 'features', type: 'float32', width: 2, flat: false }]);
    expect(binding.isFloatMatrix).toBe(true);
  });

  it('gives each column its own input when the names say so', () => {
    const binding = columnsBinding();

    expect(binding.inputs.map(({ name, width, flat }) => ({ name, width, flat }))).toEqual([
      { name: 'age', width: 1, flat: false },
      { name: 'city', width: 1, flat: false },
      { name: 'visits', width: 1, flat: false },
      { name: 'member', width: 1, flat: true },
    ]);
    expect(binding.isFloatMatrix).toBe(false);
  });

  it('takes a matrix of open width and remembers a fixed number of rows', () => {
    const binding = bindColumns(graphOf(graphValue('x', 'float32', [1, 'K'])), [
      ['a', 'long'],
      ['b', 'boolean'],
    ]);

    expect(binding.rows).toEqual({ fixed: 1 });
    expect(binding.isFloatMatrix).toBe(false);
  });

  it('takes a fixed first dimension of all inputs and outputs for a batch', () => {
    const graph = {
      inputs: [graphValue('x', 'float32', [4, 2])],
      outputs: [graphValue('y', 'float32', [4])],
    };

    expect(bindTensors(graph, [['x', 'float32', [4, 2]]])).toMatchObject({
      rows: { batch: 4 },
      tensors: [{ shape: [-1, 2] }],
    });
  });

  it('binds tensors by name, and a lone one by position', () => {
    const graph = graphOf(graphValue('pixels', 'float32', ['N', 28, 28]));

    expect(bindTensors(graph, [['0', 'float32', [-1, 28, 28]]]).tensors[0]).toMatchObject({
      input: 'pixels',
    });
  });

  it('binds parameters to inputs of their name', () => {
    const signature = parseSignature({
      inputs: [{ name: 'x', type: 'double' }],
      params: [{ name: 'alpha', type: 'float', default: 0.5 }],
    });
    const graph = graphOf(graphValue('x', 'float32', ['N', 1]), graphValue('alpha', 'float32', [1]));

    expect(bindSignature(signature, graph).params).toMatchObject([{ type: 'float32', rank: 1 }]);
  });

  it.each<[string, ModelGraph, [string, string][]]>([
    ['more columns than the matrix has', MATRIX_GRAPH, [['a', 'double']]],
    [
      'no input of a column',
      graphOf(graphValue('x', 'float32', ['N', 1]), graphValue('y', 'float32', ['N', 1])),
      [
        ['x', 'double'],
        ['z', 'double'],
      ],
    ],
    ['a string column for a float input', graphOf(graphValue('x', 'float32', ['N', 1])), [['x', 'string']]],
    ['a float column for an integer input', graphOf(graphValue('x', 'int64', ['N', 1])), [['x', 'double']]],
    ['a number column for a string input', graphOf(graphValue('x', 'string', ['N', 1])), [['x', 'long']]],
    ['an input of half floats', graphOf(graphValue('x', 'float16', ['N', 1])), [['x', 'double']]],
    ['a column of three dimensions', graphOf(graphValue('x', 'float32', ['N', 1, 1])), [['x', 'double']]],
    ['an integer column for a boolean input', graphOf(graphValue('x', 'bool', ['N', 1])), [['x', 'long']]],
  ])('refuses %s', (_, graph, columns) => {
    expect(() => bindColumns(graph, columns)).toThrow(SignatureMismatchError);
  });

  it.each<[string, [string, string, number[]][]]>([
    ['another dtype', [['x', 'int64', [-1, 2]]]],
    ['another shape', [['x', 'float32', [-1, 3]]]],
    ['another rank', [['x', 'float32', [-1]]]],
    [
      'too many tensors',
      [
        ['x', 'float32', [-1, 2]],
        ['z', 'float32', [-1]],
      ],
    ],
  ])('refuses tensors of %s', (_, tensors) => {
    expect(() => bindTensors(graphOf(graphValue('x', 'float32', ['N', 2])), tensors)).toThrow(
      SignatureMismatchError,
    );
  });

  it('refuses a parameter that is no input of the model', () => {
    const signature = parseSignature({
      inputs: [{ name: 'x', type: 'double' }],
      params: [{ name: 'alpha', type: 'float', default: 0.5 }],
    });

    expect(() => bindSignature(signature, graphOf(graphValue('x', 'float32', ['N', 1])))).toThrow(/'alpha'/);
  });
});
