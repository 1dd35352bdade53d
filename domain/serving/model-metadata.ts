import type { Binding } from './binding.ts';
import type { ModelGraph } from './ports.ts';
import { type TensorType, V2_DATATYPES } from './tensor.ts';

interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** Open Inference v2's description of a model; −1 is a dimension of any length. */
export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: 'onnx_onnxv1';
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** Describes the tensors that `infer` takes by their names in requests. */
export function describeModel(
  endpoint: string,
  version: string,
  binding: Binding,
  graph: ModelGraph,
): ModelMetadata {
  const inputs =
    binding.kind === 'columns'
      ? binding.inputs.map(({ name, type, width }) => ({
          name,
          datatype: V2_DATATYPES[type],
          shape: [-1, width],
        }))
      : binding.tensors.map(({ name, type, shape }) => ({ name, datatype: V2_DATATYPES[type], shape }));
  const outputs = graph.outputs
    .filter((output) => output.isTensor && output.type !== undefined && output.type in V2_DATATYPES)
    .map(({ name, type, shape }) => ({
      name,
      datatype: V2_DATATYPES[type as TensorType],
      shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
    }));
  return { name: endpoint, versions: [version], platform: 'onnx_onnxv1', inputs, outputs };
}
