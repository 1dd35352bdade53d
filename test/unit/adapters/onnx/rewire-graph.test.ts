import { describe, expect, it } from 'vitest';
import {
  AttributeProto_AttributeType,
  TensorProto_DataType as Type,
} from '../../../../adapters/onnx/onnx-ml_pb.ts';
import { rewireGraph } from '../../../../adapters/onnx/rewire-graph.ts';
import { createOrtSession } from '../../../../adapters/serving/ort-session.ts';
import { buildGraph, node, value } from '../../../support/graph-proto.ts';
import { buildOnnxModel, buildTreeClassifier, type NodeSpec } from '../../../support/onnx-model.ts';

const CLASSIFIER: NodeSpec = {
  op: 'LinearClassifier',
  domain: 'ai.onnx.ml',
  inputs: ['x'],
  outputs: ['class', 'proba'],
  attributes: {
    coefficients: [1, 0, 0, 1],
    intercepts: [0, 0],
    classlabels_strings: ['no', 'yes'],
    post_transform: 'SOFTMAX',
  },
};

function buildZipMapModel(read: string, more: readonly NodeSpec[] = []) {
  return buildOnnxModel({
    inputs: [{ name: 'x', type: 'float', shape: ['N', 2] }],
    outputs: [
      { name: 'class', type: 'string', shape: ['N'] },
      { name: 'output_probability', type: 'zipmap' },
    ],
    nodes: [
      CLASSIFIER,
      ...more,
      {
        op: 'ZipMap',
        domain: 'ai.onnx.ml',
        inputs: [read],
        outputs: ['output_probability'],
        attributes: { classlabels_strings: ['no', 'yes'] },
      },
    ],
  });
}

const row = { x: { type: 'float32', data: Float32Array.of(0, Math.log(3)), dims: [1, 2] } } as const;

describe('rewireGraph', () => {
  it("answers the tensor that ZipMap reads, under the model's own name", async () => {
    const session = await createOrtSession(buildZipMapModel('proba'));

    const { class: label, output_probability: probabilities } = await session.run(row);

    expect(session.graph.outputs.map(({ name, isTensor, type }) => [name, isTensor, type])).toEqual([
      ['class', true, 'string'],
      ['output_probability', true, 'float32'],
    ]);
    expect(label?.data).toEqual(['yes']);
    expect(Array.from(probabilities?.data as Float32Array)).toEqual([
      expect.closeTo(0.25, 6),
      expect.closeTo(0.75, 6),
    ]);
  });

  it('loads a ZipMap of 64-bit floats, which onnxruntime itself refuses', async () => {
    const cast: NodeSpec = { op: 'Cast', inputs: ['proba'], outputs: ['wide'], attributes: { to: 11n } };

    const session = await createOrtSession(buildZipMapModel('wide', [cast]));

    expect(session.graph.outputs[1]).toMatchObject({ name: 'output_probability', type: 'float64' });
  });

  it.each([undefined, 'en_US.UTF-8'])('changes case where the locale %s is not installed', async (locale) => {
    const session = await createOrtSession(buildNormalizer(locale));

    const { lower } = await session.run({ text: { type: 'string', data: ['ÄRGER in Bern'], dims: [1] } });

    expect(lower?.data).toEqual(['ärger in bern']);
  });

  it('takes and answers half floats as 32-bit floats, also within a branch', async () => {
    const session = await createOrtSession(buildHalfModel());

    const outputs = await session.run({
      x: { type: 'float32', data: Float32Array.of(1.5, -2), dims: [1, 2] },
      on: { type: 'bool', data: Uint8Array.of(1), dims: [1] },
    });

    expect(session.graph).toEqual({
      inputs: [
        { name: 'x', isTensor: true, type: 'float32', shape: ['N', 2] },
        { name: 'on', isTensor: true, type: 'bool', shape: [1] },
      ],
      outputs: [
        { name: 'y', isTensor: true, type: 'float32', shape: ['N', 2] },
        { name: 'z', isTensor: true, type: 'float32', shape: ['N', 2] },
      ],
    });
    expect([outputs.y?.data, outputs.z?.data]).toEqual([Float32Array.of(3, -4), Float32Array.of(6, -8)]);
  });

  it('leaves bytes alone that need no change, or are no model', () => {
    const tree = buildTreeClassifier(3, 2, 2);
    const own = buildNormalizer('tr_TR.UTF-8');
    const cut = buildZipMapModel('proba').subarray(0, 60);

    expect(rewireGraph(tree)).toBe(tree);
    expect(rewireGraph(own)).toBe(own);
    expect(rewireGraph(cut)).toBe(cut);
  });
});

function buildNormalizer(locale: string | undefined) {
  return buildOnnxModel({
    inputs: [{ name: 'text', type: 'string', shape: ['N'] }],
    outputs: [{ name: 'lower', type: 'string', shape: ['N'] }],
    nodes: [
      {
        op: 'StringNormalizer',
        inputs: ['text'],
        outputs: ['lower'],
        attributes: { case_change_action: 'LOWER', ...(locale === undefined ? {} : { locale }) },
      },
    ],
  });
}

/** y = x + x; z = y + y where `on`, else y. */
function buildHalfModel() {
  const half = (name: string) => value(name, Type.FLOAT16, ['N', 2]);
  const branch = (name: string, op: string, inputs: string[]) => ({
    name,
    type: AttributeProto_AttributeType.GRAPH,
    g: { name, node: [node(op, inputs, [`${name}_out`])], output: [half(`${name}_out`)] },
  });
  const choose = {
    ...node('If', ['on'], ['z']),
    attribute: [branch('then_branch', 'Add', ['y', 'y']), branch('else_branch', 'Identity', ['y'])],
  };
  return buildGraph({
    node: [node('Add', ['x', 'x'], ['y']), choose],
    input: [half('x'), value('on', Type.BOOL, [1])],
    output: [half('y'), half('z')],
  });
}
