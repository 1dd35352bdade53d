import { buildOnnxModel } from './onnx-model.ts';

/** Answers `y = values[x]`; asked for an index that it does not have, the engine fails. */
export function buildLookup(values: readonly number[]): Uint8Array {
  return buildOnnxModel({
    inputs: [{ name: 'x', type: 'int64', shape: ['N', 1] }],
    outputs: [{ name: 'y', type: 'float', shape: ['N', 1] }],
    nodes: [
      { op: 'Constant', inputs: [], outputs: ['values'], attributes: { value_floats: values } },
      { op: 'Gather', inputs: ['values', 'x'], outputs: ['y'], attributes: { axis: 0n } },
    ],
  });
}
