import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  TensorProto_DataLocation,
  type TensorProtoSchema,
  TensorProto_DataType as Type,
} from '../../adapters/onnx/onnx-ml_pb.ts';
import { buildGraph, type Graph, node, value } from './graph-proto.ts';
import { buildOnnxModel, buildTreeClassifier, type NodeSpec } from './onnx-model.ts';

/** A Loop without a trip count or a condition: it never ends. */
export function buildEndlessModel(): Uint8Array {
  const body: Graph = {
    name: 'body',
    node: [node('Identity', ['go'], ['goOn']), node('Identity', ['v'], ['next'])],
    input: [value('i', Type.INT64), value('go', Type.BOOL), value('v', Type.FLOAT, ['N'])],
    output: [value('goOn', Type.BOOL), value('next', Type.FLOAT, ['N'])],
  };
  const loop = {
    ...node('Loop', ['', '', 'x'], ['y']),
    attribute: [{ name: 'body', g: body, type: AttributeProto_AttributeType.GRAPH }],
  };
  return buildGraph({
    node: [loop],
    input: [value('x', Type.FLOAT, ['N'])],
    output: [value('y', Type.FLOAT, ['N'])],
  });
}

/** Doubles a tensor in each node: 2^40 floats at the end. */
export function buildDoublingModel(): Uint8Array {
  return buildChain(40, (input) => ({ op: 'Concat', inputs: [input, input], attributes: { axis: 1n } }));
}

/** So many nodes one after the other that onnxruntime is busy with them for many seconds. */
export function buildLongChain(): Uint8Array {
  return buildChain(120_000, (input) => ({ op: 'Sin', inputs: [input] }));
}

function buildChain(length: number, step: (input: string) => Omit<NodeSpec, 'outputs'>): Uint8Array {
  const nameOf = (k: number) => (k === 0 ? 'x' : k === length ? 'y' : `t${k}`);
  return buildOnnxModel({
    inputs: [{ name: 'x', type: 'float', shape: ['N', 1] }],
    outputs: [{ name: 'y', type: 'float', shape: ['N', 'M'] }],
    nodes: Array.from({ length }, (_, k) => ({ ...step(nameOf(k)), outputs: [nameOf(k + 1)] })),
  });
}

/** Says that a tensor of it has this shape, whatever else there is. */
export function buildHugeModel(where: 'input' | 'output' | 'weights'): Uint8Array {
  const huge = [100_000, 100_000];
  const small = ['N', 1];
  const weights = { name: 'w', dataType: Type.FLOAT, dims: huge.map(BigInt) };
  return buildGraph({
    node: [where === 'weights' ? node('MatMul', ['x', 'w'], ['y']) : node('Expand', ['x', 's'], ['y'])],
    initializer: where === 'weights' ? [weights] : [int64s('s', huge)],
    input: [value('x', Type.FLOAT, where === 'input' ? huge : small)],
    output: [value('y', Type.FLOAT, where === 'output' ? huge : small)],
  });
}

function int64s(name: string, values: readonly number[]): MessageInitShape<typeof TensorProtoSchema> {
  return { name, dataType: Type.INT64, dims: [BigInt(values.length)], int64Data: values.map(BigInt) };
}

/** Keeps its weights in a file beside it, or wherever the location leads. */
export function buildExternalModel(location: string | undefined, length = 8): Uint8Array {
  const entries = { ...(location === undefined ? {} : { location }), length: String(length) };
  const weights = {
    name: 'w',
    dataType: Type.FLOAT,
    dims: [2n],
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, text]) => ({ key, value: text })),
  };
  return buildGraph({
    node: [node('Add', ['x', 'w'], ['y'])],
    initializer: [weights],
    input: [value('x', Type.FLOAT, ['N', 2])],
    output: [value('y', Type.FLOAT, ['N', 2])],
  });
}

/** An upload that broke off. */
export function buildTruncatedModel(): Uint8Array {
  const whole = buildTreeClassifier(3, 2, 2);
  return whole.subarray(0, whole.length - 40);
}

/** Valid protobuf that means something else: the graph's field holds text. */
export function buildWrongProtobuf(): Uint8Array {
  return Uint8Array.from([8, 8, 0x3a, 4, 0x0a, 2, 0x22, 0x7f]);
}
