import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProto_DataType as Type,
  type ValueInfoProtoSchema,
} from '../../adapters/onnx/onnx-ml_pb.ts';

export type Graph = MessageInitShape<typeof GraphProtoSchema>;

/** An input or output. */
export function value(name: string, elemType: Type, dims: readonly (number | string)[] = []) {
  const dim = dims.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue', value: BigInt(size) } as const }
      : { value: { case: 'dimParam', value: size } as const },
  );
  const tensor = { case: 'tensorType', value: { elemType, shape: { dim } } } as const;
  return { name, type: { value: tensor } } satisfies MessageInitShape<typeof ValueInfoProtoSchema>;
}

export function node(opType: string, input: string[], output: string[]) {
  return { opType, input, output } satisfies MessageInitShape<typeof NodeProtoSchema>;
}

/** The bytes of a model that needs more than `buildOnnxModel` writes: weights, graphs inside nodes. */
export function buildGraph(graph: Graph): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    graph: { name: 'test', ...graph },
    opsetImport: [{ domain: '', version: 17n }],
  });
  return toBinary(ModelProtoSchema, model);
}
