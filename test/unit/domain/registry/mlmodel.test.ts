import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../../adapters/yaml/parse-yaml.ts';
import { explainFlavor } from '../../../../domain/registry/explain-flavor.ts';
import { getModelVersion } from '../../../../domain/registry/manage-versions.ts';
import { makeMlflowModels } from '../../../../domain/registry/mlflow-models.ts';
import { makeMlflowVersions } from '../../../../domain/registry/mlflow-versions.ts';
import { readMlmodel } from '../../../../domain/registry/mlmodel.ts';
import { verifyModelVersion } from '../../../../domain/registry/verify-model-version.ts';
import { getModelVersionLineage } from '../../../../domain/registry/version-lineage.ts';
import { makeTestContext } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext();
const RUN = '0'.repeat(32);
const ARTIFACTS = `tenants/acme/experiments/1/${RUN}/artifacts/`;

/** As `mlflow.onnx.save_model` of 3.17.2 writes it. */
const ONNX = `
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_version: 1.23.2
    providers:
    - CUDAExecutionProvider
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.onnx
    python_version: 3.11.7
is_signature_from_type_hint: false
mlflow_version: 3.17.2
model_id: null
model_size_bytes: 858
model_uuid: ae0f948b38aa41aca57d8e851dc6b87d
prompts: null
run_id: 5f
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: '[{"type": "float", "name": "a", "required": true}, {"type": "float", "name":
    "b", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-11-28 10:39:28.489716'
`;
const SIGNATURE = {
  inputs: [
    { type: 'float', name: 'a', required: true },
    { type: 'float', name: 'b', required: true },
  ],
  outputs: [{ type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: [-1] } }],
  params: null,
};

describe('readMlmodel', () => {
  it('takes flavors, signature, example and origin', () => {
    expect(readMlmodel(parseYaml(ONNX))).toEqual({
      flavors: ['onnx', 'python_function'],
      loaderModule: 'mlflow.onnx',
      onnxFile: 'model.onnx',
      signature: SIGNATURE,
      servingExampleFile: 'serving_input_example.json',
      inputExample: { file: 'input_example.json', type: 'dataframe' },
      mlflowVersion: '3.17.2',
      modelUuid: 'ae0f948b38aa41aca57d8e851dc6b87d',
      modelSizeBytes: 858,
    });
  });

  it.each([[undefined], ['text'], [[]], [{ flavors: {} }], [{ flavors: ['x'] }]])(
    'knows nothing of %j',
    (value) => {
      expect(readMlmodel(value)).toBeUndefined();
    },
  );

  it('leaves out what has another form than MLflow gives it', () => {
    const model = readMlmodel({
      flavors: { onnx: null, python_function: 7 },
      signature: { inputs: '[', outputs: 'null', params: '{}' },
      saved_input_example_info: [],
      mlflow_version: 3,
      model_size_bytes: 'many',
    });

    expect(model).toEqual({ flavors: ['onnx', 'python_function'], onnxFile: 'model.onnx' });
  });
});

describe('parseYaml', () => {
  it('refuses aliases that multiply', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++) {
      lines.push(
        `a${i}: &a${i} [${Array(8)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    }

    expect(() => parseYaml(lines.join('\n'))).toThrow('alias');
  });
});

describe('explainFlavor', () => {
  it.each([
    [['python_function', 'sklearn'], 'skl2onnx'],
    [['python_function', 'xgboost'], 'convert_xgboost'],
    [['lightgbm', 'python_function'], 'convert_lightgbm'],
    [['python_function', 'pytorch'], 'torch.onnx.export'],
    [['python_function', 'tensorflow'], 'tf2onnx'],
    [['python_function', 'keras'], 'tf2onnx'],
    [['python_function', 'prophet'], 'there is no converter'],
    [['python_function'], 'of the flavor python_function alone'],
    [['python_function', 'ours'], 'of the flavor ours'],
  ])('tells what to do with %j', (flavors, advice) => {
    expect(explainFlavor({ flavors })).toContain(advice);
  });

  it('tells so of files without an MLmodel', () => {
    expect(explainFlavor(undefined)).toContain('neither an ONNX model nor an MLmodel file');
  });
});

describe('a version made through MLflow', () => {
  async function register(files: Record<string, string>) {
    const world = new RegistryWorld();
    const datasets = [{ name: 'flights', digest: 'd1', context: 'training' }];
    const code = { name: 'train.py', type: 'LOCAL' };
    world.knownRuns.set(RUN, {
      prefix: ARTIFACTS,
      metrics: { auc: 0.8 },
      lineage: { datasets, code, codeCommit: 'abcdef1' },
    });
    await makeMlflowModels(world.store).create(context, { name: 'm', tags: [] });
    for (const [path, text] of Object.entries(files)) {
      await world.storage.write(`${ARTIFACTS}model/${path}`, Buffer.from(text));
    }
    const source = `runs:/${RUN}/model`;
    await makeMlflowVersions(world.deps).create(context, { name: 'm', source, run_id: RUN, tags: [] });
    const version = await getModelVersion(world.store, context, { name: 'm', ref: 1 });
    return { world, version };
  }

  it('of another flavor is signed as it is, with its signature and lineage', async () => {
    const mlmodel = ONNX.replace('  onnx:', '  sklearn:');
    const { world, version } = await register({ MLmodel: mlmodel, 'model.pkl': 'p', '.gitattributes': 'x' });

    const verification = await verifyModelVersion(world.deps, context, { name: 'm', ref: 1 });
    const lineage = await getModelVersionLineage(world.store, context, { name: 'm', ref: 1 });

    expect(version).toMatchObject({
      status: 'READY',
      servable: false,
      flavors: ['sklearn', 'python_function'],
      loaderModule: 'mlflow.onnx',
      mlflowVersion: '3.17.2',
      signature: SIGNATURE,
      signatureFrom: 'caller',
      metrics: { auc: 0.8 },
      lineage: { runId: RUN, codeCommit: 'abcdef1', code: { name: 'train.py', type: 'LOCAL' } },
    });
    expect(version.notServableBecause).toContain('skl2onnx');
    expect(version.manifest?.files.map(({ path }) => path)).toEqual(['MLmodel', 'model.pkl']);
    expect(verification).toMatchObject({ verified: true, problems: [] });
    expect(lineage.nodes.map(({ resource }) => resource)).toEqual([
      'models/m/versions/1',
      `runs/${RUN}`,
      'mlflow-datasets/flights/d1',
      'commits/abcdef1',
    ]);
    expect(world.checker.inputs).toEqual([]);
  });

  it('of the ONNX flavor is checked with the signature and example that were logged', async () => {
    const { world, version } = await register({
      MLmodel: ONNX.replaceAll('data: model.onnx', 'data: sub/graph.onnx'),
      'sub/graph.onnx': 'graph',
      'sub/weights.bin': 'w',
      'serving_input_example.json': '{"dataframe_split": {"columns": ["a"], "data": [[1]]}}',
    });

    expect(world.checker.inputs[0]?.offered).toEqual({
      signature: SIGNATURE,
      example: { inputs: { dataframe_split: { columns: ['a'], data: [[1]] } } },
    });
    expect(world.checker.inputs[0]?.files.map(({ path }) => path)).toEqual([
      'MLmodel',
      'serving_input_example.json',
      'model.onnx',
      'weights.bin',
    ]);
    expect(version).toMatchObject({ servable: true, flavors: ['onnx', 'python_function'] });
  });

  it.each([
    ['dataframe', '{"columns":["a"],"data":[[1]]}', { columns: ['a'], data: [[1]] }],
    ['ndarray', '[[1]]', { inputs: [[1]] }],
  ])('takes the example of type %s as it was given when there is no other', async (type, text, inputs) => {
    const { world } = await register({
      MLmodel: ONNX.replace('type: dataframe', `type: ${type}`),
      'model.onnx': 'graph',
      'input_example.json': text,
    });

    expect(world.checker.inputs[0]?.offered?.example).toEqual({ inputs });
  });

  it('is refused when MLmodel names a graph that is not there', async () => {
    const { version } = await register({ MLmodel: ONNX, 'other.onnx': 'graph' });

    expect(version).toMatchObject({
      status: 'REFUSED',
      reasons: ["MLmodel names 'model.onnx', which is not among the files."],
    });
  });

  it('of an MLmodel that cannot be read is signed, of an unknown flavor', async () => {
    const { version } = await register({ MLmodel: 'flavors: [', 'model.pkl': 'p' });

    expect(version).toMatchObject({ status: 'READY', servable: false });
    expect(version.notServableBecause).toContain('neither an ONNX model nor an MLmodel file');
  });
});
