import type { Binding, BoundTensor, ColumnBinding } from './binding.ts';
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
  const inputs = binding.kind === 'columns' ? describeColumns(binding) : binding.tensors.map(describeTensor);
  const outputs = graph.outputs
    .filter((output) => output.isTensor && output.type !== undefined && output.type in V2_DATATYPES)
    .map(({ name, type, shape }) => ({
      name,
      datatype: V2_DATATYPES[type as TensorType],
      shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
    }));
  return { name: endpoint, versions: [version], platform: 'onnx_onnxv1', inputs, outputs };
}

/** One matrix by its own name; otherwise columns as users know them. */
function describeColumns({ inputs, columns }: ColumnBinding): TensorMetadata[] {
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined && only.width > 1) {
    return [{ name: only.name, datatype: V2_DATATYPES[only.type], shape: [-1, only.width] }];
  }
  return columns.map(({ name, tensorType }) => ({
    name,
    datatype: V2_DATATYPES[tensorType],
    shape: [-1, 1],
  }));
}

function describeTensor({ name, type, shape }: BoundTensor): TensorMetadata {
  return { name, datatype: V2_DATATYPES[type], shape };
}
