import { describe, expect, it } from 'vitest';
import { rewireGraph } from '../../../../adapters/onnx/rewire-graph.ts';
import { createOrtSession } from '../../../../adapters/serving/ort-session.ts';
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
