import { describe, expect, it } from 'vitest';
import { bindSignature } from '../../../../domain/serving/bind-signature.ts';
import type { Binding } from '../../../../domain/serving/binding.ts';
import { readInferRequest } from '../../../../domain/serving/read-infer-request.ts';
import type { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import { parseSignature } from '../../../../domain/shared/signature.ts';
import {
  bindColumns,
  bindTensors,
  columnsBinding,
  graphValue,
  matrixBinding,
} from '../../../support/serving-models.ts';

const OUTPUTS = ['label', 'probabilities'];
const read = (body: Record<string, unknown>, binding: Binding) => readInferRequest(body, binding, OUTPUTS);

function errorsOf(body: Record<string, unknown>, binding: Binding) {
  try {
    read(body, binding);
  } catch (error) {
    return (error as InvalidInputError).errors;
  }
  throw new Error('was accepted');
}

const matrixInput = { name: 'features', shape: [2, 2], datatype: 'FP32', data: [1, 2, 3, null] };

describe('readInferRequest', () => {
  it('reads the matrix of a matrix model, flat or nested', () => {
    const flat = read({ id: '42', inputs: [matrixInput], outputs: [{ name: 'label' }] }, matrixBinding());
    const nested = read(
      {
        inputs: [
          {
            ...matrixInput,
            data: [
              [1, 2],
              [3, null],
            ],
          },
        ],
      },
      matrixBinding(),
    );

    expect(flat.batch.feeds.features).toEqual({
      type: 'float32',
      data: Float32Array.of(1, 2, 3, Number.NaN),
      dims: [2, 2],
    });
    expect(flat).toMatchObject({ id: '42', outputs: { names: ['label'] } });
    expect(nested).toMatchObject({ batch: flat.batch, id: undefined, outputs: { names: OUTPUTS } });
  });

  it('reads a tensor a column, of [N] or [N, 1], for any table model', () => {
    const columns = [
      { name: 'b', shape: [2], datatype: 'FP64', data: [2, 4] },
      { name: 'a', shape: [2, 1], datatype: 'INT32', data: [1, 3] },
    ];

    expect(read({ inputs: columns }, matrixBinding()).batch.feeds.features?.data).toEqual(
      Float32Array.of(1, 2, 3, 4),
    );
  });

  it('reads the columns of a model with an input a column', () => {
    const { batch } = read(
      {
        inputs: [
          { name: 'age', shape: [1], datatype: 'FP32', data: [null] },
          { name: 'city', shape: [1], datatype: 'BYTES', data: ['Bern'] },
          { name: 'visits', shape: [1, 1], datatype: 'INT64', data: [9007199254740993n] },
          { name: 'member', shape: [1], datatype: 'BOOL', data: [true] },
        ],
      },
      columnsBinding(),
    );

    expect(batch.feeds.visits?.data).toEqual(BigInt64Array.of(9007199254740993n));
    expect(batch.feeds.city?.data).toEqual(['Bern']);
  });

  it('reads an integer matrix into columns of integers', () => {
    const binding = bindColumns({ inputs: [graphValue('x', 'float32', ['N', 2])], outputs: [] }, [
      ['a', 'long'],
      ['b', 'long'],
    ]);
    const input = { name: 'x', shape: [1, 2], datatype: 'INT64', data: [1, 2] };

    expect(read({ inputs: [input] }, binding).batch.feeds.x?.data).toEqual(Float32Array.of(1, 2));
    expect(errorsOf({ inputs: [{ ...input, datatype: 'FP32', data: [1, 2.5] }] }, binding)[0]?.path).toBe(
      'inputs[0].data[1]',
    );
  });

  it('reads tensors by their own or the graph’s name', () => {
    const binding = bindTensors({ inputs: [graphValue('pixels', 'uint8', ['N', 2])], outputs: [] }, [
      ['0', 'uint8', [-1, 2]],
    ]);
    const input = { shape: [1, 2], datatype: 'UINT8', data: [1, 255] };

    expect(read({ inputs: [{ ...input, name: 'pixels' }] }, binding).batch.feeds.pixels?.data).toEqual(
      Uint8Array.of(1, 255),
    );
    expect(read({ inputs: [{ ...input, name: '0', datatype: 'INT16' }] }, binding).batch.rows).toBe(1);
    expect(errorsOf({ inputs: [{ ...input, name: 'no' }] }, binding).map((error) => error.path)).toEqual([
      'inputs[0].name',
      'inputs',
    ]);
  });

  it("takes the model's parameters from the request's, and leaves others alone", () => {
    const signature = parseSignature({
      inputs: [{ name: 'x', type: 'double' }],
      params: [{ name: 'alpha', type: 'float', default: 0.5 }],
    });
    const binding = bindSignature(signature, {
      inputs: [graphValue('x', 'float32', ['N', 1]), graphValue('alpha', 'float32', [])],
      outputs: [],
    });
    const inputs = [{ name: 'x', shape: [1], datatype: 'FP32', data: [1] }];

    expect(read({ inputs, parameters: { alpha: 0.75, trace: true } }, binding).batch.feeds.alpha).toEqual({
      type: 'float32',
      data: Float32Array.of(0.75),
      dims: [],
    });
    expect(read({ inputs }, binding).batch.feeds.alpha?.data).toEqual(Float32Array.of(0.5));
    expect(errorsOf({ inputs, parameters: { alpha: 'x' } }, binding)[0]?.path).toBe('params.alpha');
    expect(errorsOf({ inputs, parameters: { alpha: [1] } }, binding)[0]?.message).toBe('must be one value');
  });

  it.each([
    ['an unknown field', { inputs: [matrixInput], input: [] }, 'input'],
    ['an id that is no string', { inputs: [matrixInput], id: 1 }, 'id'],
    ['no inputs', { inputs: [] }, 'inputs'],
    ['an input that is no object', { inputs: [1] }, 'inputs[0]'],
    ['an input without a name', { inputs: [{ ...matrixInput, name: 1 }] }, 'inputs[0].name'],
    ['an unknown datatype', { inputs: [{ ...matrixInput, datatype: 'BF16' }] }, 'inputs[0].datatype'],
    ['a shape that is no list', { inputs: [{ ...matrixInput, shape: 2 }] }, 'inputs[0].shape'],
    ['a negative dimension', { inputs: [{ ...matrixInput, shape: [-1, 2] }] }, 'inputs[0].shape'],
    ['data that is no list', { inputs: [{ ...matrixInput, data: 1 }] }, 'inputs[0].data'],
    ['fewer values than the shape says', { inputs: [{ ...matrixInput, data: [1] }] }, 'inputs[0].data'],
    ['a matrix of another width', { inputs: [{ ...matrixInput, shape: [4, 1] }] }, 'inputs[0].shape'],
    ['a matrix without rows', { inputs: [{ ...matrixInput, shape: [0, 2], data: [] }] }, 'inputs[0].shape'],
    [
      'a wrong value in a matrix',
      { inputs: [{ ...matrixInput, data: [1, 2, 3, 'x'] }] },
      'inputs[0].data[3]',
    ],
    [
      'a fraction in an INT32 matrix',
      { inputs: [{ ...matrixInput, datatype: 'INT32', data: [1, 2, 3, 4.5] }] },
      'inputs[0].data[3]',
    ],
    ['an unknown column', { inputs: [{ name: 'z', shape: [1], datatype: 'FP32', data: [1] }] }, 'inputs[0]'],
    ['a missing column', { inputs: [{ name: 'a', shape: [1], datatype: 'FP32', data: [1] }] }, 'inputs'],
    [
      'a column of another shape',
      { inputs: [{ name: 'a', shape: [1, 2], datatype: 'FP32', data: [1, 2] }] },
      'inputs[0].shape',
    ],
    ['outputs that are no list', { inputs: [matrixInput], outputs: 1 }, 'outputs'],
    ['an unknown output', { inputs: [matrixInput], outputs: [{ name: 'y' }] }, 'outputs[0].name'],
  ])('refuses %s', (_, body, path) => {
    expect(errorsOf(body, matrixBinding()).map((error) => error.path)).toContain(path);
  });
});
