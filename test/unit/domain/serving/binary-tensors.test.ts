import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeElements, toFloat32 } from '../../../../domain/serving/binary-tensors.ts';
import type { Binding } from '../../../../domain/serving/binding.ts';
import { readInferRequest } from '../../../../domain/serving/read-infer-request.ts';
import { type Tensor, type TensorType, V2_DATATYPES } from '../../../../domain/serving/tensor.ts';
import type { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import {
  bindColumns,
  bindTensors,
  COLUMNS_GRAPH,
  columnsBinding,
  graphValue,
  matrixBinding,
} from '../../../support/serving-models.ts';

interface Part {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The request as a client sends it: what JSON says of the tensors, and their bytes in one piece. */
function readParts(parts: readonly Part[], binding: Binding, extra: object = {}) {
  const inputs = parts.map(({ bytes, ...input }) => ({
    ...input,
    parameters: { binary_data_size: bytes.length },
  }));
  const binary = Buffer.concat([Uint8Array.of(0), ...parts.map(({ bytes }) => bytes)]).subarray(1);
  return readInferRequest({ inputs, ...extra }, binding, ['y'], binary);
}

const toBytes = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const ARRAYS = {
  float32: fc.float32Array(),
  float64: fc.float64Array(),
  int8: fc.int8Array(),
  int16: fc.int16Array(),
  int32: fc.int32Array(),
  int64: fc.bigInt64Array(),
  uint8: fc.uint8Array(),
  uint16: fc.uint16Array(),
  uint32: fc.uint32Array(),
  uint64: fc.bigUint64Array(),
  bool: fc.uint8Array({ max: 1 }),
  string: fc.array(fc.string({ unit: 'grapheme' })),
} satisfies Record<TensorType, fc.Arbitrary<unknown>>;
const DTYPES: Partial<Record<TensorType, string>> = { string: 'str' };

describe('the binary form of tensors', () => {
  it.each(Object.keys(ARRAYS) as TensorType[])('gives %s back bit by bit', (type) => {
    const graph = { inputs: [graphValue('x', type, ['N'])], outputs: [] };
    const binding = bindTensors(graph, [['x', DTYPES[type] ?? type, [-1]]]);

    fc.assert(
      fc.property(ARRAYS[type] as fc.Arbitrary<Tensor['data']>, (data) => {
        fc.pre(data.length > 0);
        const tensor: Tensor = { type, data, dims: [data.length] };
        const bytes = encodeElements(tensor);

        const request = readParts(
          [{ name: 'x', datatype: V2_DATATYPES[type], shape: [data.length], bytes }],
          binding,
        );

        expect(Buffer.from(encodeElements(request.batch.feeds.x!))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 50 },
    );
  });

  it('reads every half-precision number as the same 32-bit float', () => {
    // 0x0001 is the smallest subnormal, 0x7bff the largest number, 0x3555 about a third.
    expect([0x0001, 0x03ff, 0x0400, 0x7bff, 0x3555, 0xc000].map(toFloat32)).toEqual([
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      65504,
      0.333251953125,
      -2,
    ]);
    expect([0x7c00, 0xfc00, 0x7e00].map(toFloat32)).toEqual([Infinity, -Infinity, Number.NaN]);
    expect(Object.is(toFloat32(0x8000), -0)).toBe(true);
  });

  it('takes FP16 where the model has 32-bit floats', () => {
    const bytes = toBytes(Uint16Array.of(0x3c00, 0xc000));

    const { batch } = readParts(
      [{ name: 'features', datatype: 'FP16', shape: [1, 2], bytes }],
      matrixBinding(),
    );

    expect(batch.feeds.features?.data).toEqual(Float32Array.of(1, -2));
  });

  it('reads columns of several types, with NaN as the missing value and infinities as they are', () => {
    const parts = [
      { name: 'age', datatype: 'FP64', shape: [2], bytes: toBytes(Float64Array.of(Number.NaN, -Infinity)) },
      {
        name: 'visits',
        datatype: 'INT64',
        shape: [2, 1],
        bytes: toBytes(BigInt64Array.of(2n ** 53n + 1n, -1n)),
      },
      {
        name: 'city',
        datatype: 'BYTES',
        shape: [2],
        bytes: Buffer.from('\x06\0\0\0Zürich\0\0\0\0'.replace('\x06', '\x07')),
      },
      { name: 'member', datatype: 'BOOL', shape: [2], bytes: Uint8Array.of(1, 0) },
    ];

    const { batch } = readParts(parts, columnsBinding());

    expect(batch.feeds.age?.data).toEqual(Float32Array.of(Number.NaN, -Infinity));
    expect(batch.feeds.visits?.data).toEqual(BigInt64Array.of(2n ** 53n + 1n, -1n));
    expect(batch.feeds.city?.data).toEqual(['Zürich', '']);
    expect(batch.feeds.member?.data).toEqual(Uint8Array.of(1, 0));
  });

  it('takes binary and JSON tensors in one request', () => {
    const inputs = [
      { name: 'a', datatype: 'FP32', shape: [1], data: [1] },
      { name: 'b', datatype: 'FP32', shape: [1], parameters: { binary_data_size: 4 } },
    ];

    const { batch } = readInferRequest({ inputs }, matrixBinding(), [], toBytes(Float32Array.of(2)));

    expect(batch.feeds.features?.data).toEqual(Float32Array.of(1, 2));
  });

  it.each([
    ['none', {}, []],
    ['all', { parameters: { binary_data_output: true } }, ['y']],
    ['the named ones', { outputs: [{ name: 'y', parameters: { binary_data: true } }] }, ['y']],
    [
      'not those that say no',
      {
        outputs: [{ name: 'y', parameters: { binary_data: false } }],
        parameters: { binary_data_output: true },
      },
      [],
    ],
  ])('is that of %s of the outputs', (_, extra, expected) => {
    const part = { name: 'features', datatype: 'FP32', shape: [1, 2], bytes: new Uint8Array(8) };

    expect([...readParts([part], matrixBinding(), extra).outputs.binary]).toEqual(expected);
  });

  const features = { name: 'features', datatype: 'FP32', shape: [1, 2] };
  const SIZE = 'inputs[0].parameters.binary_data_size';
  it.each<[string, object[], Uint8Array, string]>([
    [
      'fewer bytes than the shape has',
      [{ ...features, parameters: { binary_data_size: 4 } }],
      new Uint8Array(4),
      SIZE,
    ],
    [
      'more bytes than were sent',
      [{ ...features, parameters: { binary_data_size: 8 } }],
      new Uint8Array(7),
      SIZE,
    ],
    [
      'bytes that no tensor takes',
      [{ ...features, parameters: { binary_data_size: 8 } }],
      new Uint8Array(9),
      'inputs',
    ],
    [
      'a size that is none',
      [{ ...features, parameters: { binary_data_size: '8' } }],
      new Uint8Array(8),
      SIZE,
    ],
    [
      'a shape of petabytes',
      [{ ...features, shape: [2 ** 50, 2], parameters: { binary_data_size: 8 } }],
      new Uint8Array(8),
      SIZE,
    ],
    [
      'data twice',
      [{ ...features, data: [1, 2], parameters: { binary_data_size: 8 } }],
      new Uint8Array(8),
      'inputs[0].data',
    ],
  ])('refuses %s', (_, inputs, binary, path) => {
    expect(errorPaths(() => readInferRequest({ inputs }, matrixBinding(), [], binary))).toEqual([path]);
  });

  it.each([
    ['text that ends inside its length', Uint8Array.of(9, 0)],
    ['text that ends inside an element', Uint8Array.of(9, 0, 0, 0, 65)],
    ['text that is not UTF-8', Uint8Array.of(1, 0, 0, 0, 0xff)],
    ['more elements than the shape has', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0)],
  ])('refuses %s', (_, bytes) => {
    const binding = bindColumns({ ...COLUMNS_GRAPH, inputs: [graphValue('city', 'string', ['N', 1])] }, [
      ['city', 'string'],
    ]);

    expect(
      errorPaths(() => readParts([{ name: 'city', datatype: 'BYTES', shape: [1], bytes }], binding)),
    ).toEqual([SIZE]);
  });

  it('refuses a NaN for an integer, and a boolean that is neither 0 nor 1', () => {
    const binding = bindColumns(
      { inputs: [graphValue('n', 'int64', ['N', 1]), graphValue('yes', 'bool', ['N', 1])], outputs: [] },
      [
        ['n', 'long'],
        ['yes', 'boolean'],
      ],
    );
    const parts = [
      { name: 'n', datatype: 'FP32', shape: [1], bytes: toBytes(Float32Array.of(Number.NaN)) },
      { name: 'yes', datatype: 'BOOL', shape: [1], bytes: Uint8Array.of(2) },
    ];

    expect(errorPaths(() => readParts(parts, binding))).toEqual(['inputs[0].data[0]', 'inputs[1].data[0]']);
  });
});

function errorPaths(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    return (error as InvalidInputError).errors.map(({ path }) => path);
  }
  throw new Error('was accepted');
}
