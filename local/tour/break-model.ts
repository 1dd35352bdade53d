import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { intAttribute } from '../../adapters/onnx/attributes.ts';
import {
  ModelProtoSchema,
  NodeProtoSchema as Node,
  type NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../../adapters/onnx/onnx-ml_pb.ts';

/** Hours that the broken model knows: it answers the morning as before and dies of the afternoon. */
export const KNOWN_HOURS = 12;

/**
 * The same model with a lookup of the hour in front, in a table that ends at noon: what a feature transformer
 * does that was only tried on the rows at hand. onnxruntime fails on an index beyond the table.
 */
export function breakModel(onnx: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, onnx);
  const { graph } = model;
  if (graph === undefined) throw new Error('The file holds no graph.');
  for (const node of graph.node) {
    node.input = node.input.map((name) => (name === 'hour' ? 'hour_known' : name));
  }
  graph.node.unshift(
    makeNode({
      opType: 'Cast',
      input: ['hour'],
      output: ['hour_index'],
      attribute: [intAttribute('to', TensorProto_DataType.INT64)],
    }),
    makeNode({ opType: 'Gather', input: ['hour_table', 'hour_index'], output: ['hour_known'] }),
  );
  graph.initializer.push(
    create(TensorProtoSchema, {
      name: 'hour_table',
      dataType: TensorProto_DataType.FLOAT,
      dims: [BigInt(KNOWN_HOURS)],
      floatData: Array.from({ length: KNOWN_HOURS }, (_, hour) => hour),
    }),
  );
  return toBinary(ModelProtoSchema, model);
}

function makeNode(fields: MessageInitShape<typeof NodeProtoSchema>) {
  return create(Node, fields);
}
