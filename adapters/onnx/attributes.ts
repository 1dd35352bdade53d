import type { MessageInitShape } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType, type AttributeProtoSchema } from './onnx-ml_pb.ts';

export type Attribute = MessageInitShape<typeof AttributeProtoSchema>;

const encoder = new TextEncoder();

export function intAttribute(name: string, value: number): Attribute {
  return { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) };
}

export function intsAttribute(name: string, values: readonly number[]): Attribute {
  return { name, type: AttributeProto_AttributeType.INTS, ints: values.map(BigInt) };
}

export function floatAttribute(name: string, value: number): Attribute {
  return { name, type: AttributeProto_AttributeType.FLOAT, f: value };
}

export function floatsAttribute(name: string, values: readonly number[]): Attribute {
  return { name, type: AttributeProto_AttributeType.FLOATS, floats: [...values] };
}

export function stringAttribute(name: string, value: string): Attribute {
  return { name, type: AttributeProto_AttributeType.STRING, s: encoder.encode(value) };
}

export function stringsAttribute(name: string, values: readonly string[]): Attribute {
  return {
    name,
    type: AttributeProto_AttributeType.STRINGS,
    strings: values.map((value) => encoder.encode(value)),
  };
}
