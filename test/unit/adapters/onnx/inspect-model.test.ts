import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectModel, refuseLarge, refuseSlow } from '../../../../adapters/onnx/inspect-model.ts';
import { buildOnnxModel, buildTreeClassifier } from '../../../support/onnx-model.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'perennial-inspect-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function inspect(model: Uint8Array, more: object = {}) {
  const modelFile = `${Math.random()}.onnx`;
  await writeFile(join(directory, modelFile), model);
  const fetchExternal = async (paths: readonly string[]) => paths;
  return inspectModel({ directory, modelFile, fetchExternal, ...more });
}

const tree = buildTreeClassifier(5, 3, 2);
const columns = buildOnnxModel({
  inputs: [
    { name: 'a', type: 'float', shape: ['N', 1] },
    { name: 'b', type: 'float', shape: ['N', 1] },
  ],
  outputs: [{ name: 'sum', type: 'float', shape: ['N', 1] }],
  nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] }],
});

const zipMap = buildOnnxModel({
  inputs: [{ name: 'p', type: 'float', shape: ['N', 2] }],
  outputs: [{ name: 'probability', type: 'zipmap' }],
  nodes: [
    {
      op: 'ZipMap',
      domain: 'ai.onnx.ml',
      inputs: ['p'],
      outputs: ['probability'],
      attributes: { classlabels_strings: ['no', 'yes'] },
    },
  ],
});

describe('inspectModel', () => {
  it('answers a ZipMap as a list, and says in which order', async () => {
    const example = { inputs: { instances: [[0.25, 0.75]] }, outputs: [[0.25, 0.75]] };

    const check = await inspect(zipMap, { example });

    expect(check).toMatchObject({ ok: true, maxDifference: 0 });
    expect(check.signature?.outputs).toEqual([
      { name: 'probability', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } },
    ]);
    expect(check.warnings).toEqual([expect.stringContaining('in the order no, yes')]);
  });

  it('reads the signature from the graph and records the answer to a row of zeros', async () => {
    const check = await inspect(tree);

    expect(check).toMatchObject({
      ok: true,
      signatureFrom: 'graph',
      signature: { inputs: [{ name: 'features', 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } }] },
      example: { inputs: { inputs: { features: [[0, 0]] } }, outputs: [expect.anything()] },
      warnings: [expect.stringContaining('No example was sent')],
    });
  });

  it('reads columns from a graph with one input a column', async () => {
    const check = await inspect(columns);

    expect(check).toMatchObject({
      ok: true,
      signature: { inputs: [{ name: 'a', type: 'float' }, { name: 'b' }] },
      example: { inputs: { dataframe_split: { columns: ['a', 'b'], data: [[0, 0]] } } },
    });
  });

  it('runs the example and says how far off the answer is', async () => {
    const example = {
      inputs: { dataframe_split: { columns: ['a', 'b'], data: [[1, 2]] } },
      outputs: [{ sum: 3.00001 }],
    };
    const first = await inspect(columns, { example: { inputs: example.inputs } });
    const outputs = (first.example as { outputs: unknown[] }).outputs;

    const same = await inspect(columns, { example: { ...example, outputs } });
    const other = await inspect(columns, { example: { ...example, outputs: [99] } });

    expect(first.warnings).toEqual([expect.stringContaining('states no outputs')]);
    expect(same).toMatchObject({ ok: true, maxDifference: 0, tolerance: 1e-4 });
    expect(other).toMatchObject({
      ok: false,
      reasons: [expect.stringContaining('does not answer its example')],
    });
  });

  it('takes the tolerance of the caller over that of the example', async () => {
    const inputs = { dataframe_split: { columns: ['a', 'b'], data: [[1, 2]] } };
    const first = await inspect(columns, { example: { inputs } });
    const [answer] = (first.example as { outputs: number[] }).outputs;

    const check = await inspect(columns, {
      example: { inputs, outputs: [(answer as number) + 0.5] },
      tolerance: 1,
    });

    expect(check).toMatchObject({ ok: true, tolerance: 1 });
  });

  it.each([
    ['bytes that are no model', Buffer.from('hello'), {}, 'not an ONNX model'],
    ['operators of somebody else', withDomain('acme.ops'), {}, 'operators of acme.ops'],
    ['an operator that nobody knows', unknownOperator(), {}, "onnxruntime has no operator 'Magic'"],
    ['a signature that is none', tree, { signature: { inputs: [] } }, 'must name at least one'],
    [
      'a signature of another model',
      tree,
      { signature: { inputs: [{ name: 'x', type: 'string' }] } },
      'does not fit the model',
    ],
    ['an example that is none', tree, { example: { outputs: [] } }, 'The example must be an object'],
    [
      'an example of another model',
      columns,
      { example: { inputs: { dataframe_split: { columns: ['z'], data: [[1]] } }, outputs: [1] } },
      '',
    ],
  ])('refuses %s', async (_, model, more, reason) => {
    const check = await inspect(model, more);

    expect(check).toMatchObject({ ok: false, reasons: [expect.stringContaining(reason)] });
  });

  it('fills in the outputs that a signature does not name', async () => {
    const signature = {
      inputs: [
        { name: 'a', type: 'float' },
        { name: 'b', type: 'float' },
      ],
    };

    const check = await inspect(columns, { signature });

    expect(check.signature).toMatchObject({ outputs: [{ name: 'sum', type: 'tensor' }] });
  });

  describe('with what MLflow logged beside the model', () => {
    const logged = (name: string, type = 'double') => ({ type, name, required: true });
    const label = { type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: [-1] } };
    const example = { inputs: { dataframe_split: { columns: ['dist', 'hour'], data: [[1, 2]] } } };

    it('keeps names and types of the columns, answers the graph outputs, and runs the example', async () => {
      const signature = { inputs: [logged('dist'), logged('hour')], outputs: [label], params: null };

      const check = await inspect(tree, { offered: { signature, example } });

      expect(check).toMatchObject({ ok: true, signatureFrom: 'caller', warnings: [], example });
      expect(check.signature?.inputs).toEqual(signature.inputs);
      expect(check.signature?.outputs).toEqual([
        expect.objectContaining({ name: 'label' }),
        expect.objectContaining({ name: 'probabilities' }),
      ]);
      expect(check.example?.outputs).toEqual([
        { label: expect.anything(), probabilities: expect.anything() },
      ]);
    });

    it('calls an array without a name as the graph does', async () => {
      const input = { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } };

      const check = await inspect(tree, { offered: { signature: { inputs: [input], outputs: [label] } } });

      expect(check).toMatchObject({ signatureFrom: 'caller' });
      expect(check.signature?.inputs).toEqual([{ ...input, name: 'features' }]);
    });

    it('leaves out, with a warning, what does not fit', async () => {
      const signature = { inputs: [logged('dist')], outputs: [label] };

      const check = await inspect(tree, { offered: { signature, example } });

      expect(check).toMatchObject({ ok: true, signatureFrom: 'graph' });
      expect(check.warnings).toEqual([
        expect.stringContaining('The logged signature does not fit the graph'),
        expect.stringContaining('The logged input example does not run'),
        expect.stringContaining('No example was sent'),
      ]);
    });

    it('gives way to what the caller says', async () => {
      const offered = { signature: { inputs: [logged('a'), logged('b')] }, example };

      const check = await inspect(tree, {
        signature: { inputs: [logged('x'), logged('y')] },
        example: { inputs: { dataframe_split: { columns: ['x', 'y'], data: [[1, 2]] } } },
        offered,
      });

      expect(check.signature?.inputs).toEqual([logged('x'), logged('y')]);
      expect(check.example?.inputs).toMatchObject({ dataframe_split: { columns: ['x', 'y'] } });
    });
  });

  it('refuses graphs that protobuf cannot hold', () => {
    expect(() => refuseLarge(2 ** 31 - 1)).not.toThrow();
    expect(() => refuseLarge(3 * 2 ** 30)).toThrow('The file has 3.0 GB');
  });

  it('refuses what a cold endpoint has no time to load', () => {
    expect(() => refuseSlow(9000)).not.toThrow();
    expect(() => refuseSlow(9001)).toThrow('a cold endpoint has 10,000 ms');
  });

  it('passes failures of the platform on', async () => {
    const fetchExternal = async () => Promise.reject(new Error('no network'));

    await expect(inspect(tree, { fetchExternal })).rejects.toThrow('no network');
  });
});

function withDomain(domain: string): Uint8Array {
  return buildOnnxModel({
    inputs: [{ name: 'x', type: 'float', shape: ['N'] }],
    outputs: [{ name: 'y', type: 'float', shape: ['N'] }],
    nodes: [{ op: 'Magic', domain, inputs: ['x'], outputs: ['y'] }],
  });
}

function unknownOperator(): Uint8Array {
  return withDomain('');
}
