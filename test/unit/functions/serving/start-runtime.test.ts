import { afterEach, describe, expect, it } from 'vitest';
import { checkVersion } from '../../../../functions/serving/answer-inference/check-version.ts';
import {
  EnvironmentError,
  parseServingEnvironment,
} from '../../../../functions/serving/answer-inference/environment.ts';
import { startRuntime } from '../../../../functions/serving/answer-inference/start-runtime.ts';
import { buildTreeClassifier } from '../../../support/onnx-model.ts';
import { type Files, signFiles, startObjectServer } from '../../../support/signed-version.ts';

const SIGNATURE = JSON.stringify({
  inputs: [
    { name: 'a', type: 'double' },
    { name: 'b', type: 'double' },
  ],
});
const MODEL = buildTreeClassifier(3, 2, 2);
const PREDICTION = { label: 1, probabilities: [0.49, 0.51] };
let server: Awaited<ReturnType<typeof startObjectServer>> | undefined;

afterEach(() => server?.close());

/** A version in a bucket; `tamper` changes what lies there after it was signed. */
async function start(
  files: Files,
  tamper: (stored: Files) => void = () => {},
  change: Record<string, string> = {},
) {
  const signed = signFiles(files);
  const stored = { ...signed.files };
  tamper(stored);
  server = await startObjectServer('models', 'late/3/', stored);
  const variables = {
    TENANT: 'default',
    ENDPOINT: 'flights',
    MODEL_NAME: 'late',
    MODEL_VERSION: '3',
    ARTIFACT_BUCKET: 'models',
    ARTIFACT_PREFIX: 'late/3',
    MANIFEST_DIGEST: signed.manifestDigest,
    SIGNING_PUBLIC_KEYS: JSON.stringify([signed.publicKeyPem]),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: server.url,
    ...change,
  };
  return startRuntime(parseServingEnvironment(variables));
}

const FILES: Files = { 'model.onnx': MODEL, 'signature.json': SIGNATURE, 'profile.json': '{}' };

async function measured(): Promise<unknown[]> {
  const runtime = await start(FILES);
  const outputs = await runtime.model.run({
    features: { type: 'float32', data: Float32Array.of(1, 2), dims: [1, 2] },
  });
  await server?.close();
  return JSON.parse(runtime.model.writePredictions(outputs, 1)).predictions;
}

describe('startRuntime', () => {
  it('loads a version whose signature holds, and nothing it does not need', async () => {
    const runtime = await start(FILES);

    expect(runtime).toMatchObject({
      tenant: 'default',
      endpoint: 'flights',
      modelVersion: 3,
      startsCold: true,
    });
    expect(runtime.metadata.inputs).toEqual([{ name: 'features', datatype: 'FP32', shape: [-1, 2] }]);
    expect(server?.requests.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([
      'model.onnx',
      'model.sig',
      'signature.json',
    ]);
    expect(runtime.makePredictionId(1_790_000_000_000)).toMatch(/^prd_[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('lays external data beside a model that needs it', async () => {
    const runtime = await start({ ...FILES, 'model.onnx.data': 'weights' });

    expect(runtime.model.plan.names).toEqual(['label', 'probabilities']);
  });

  it('makes ids that differ although the pool of randomness is refilled', async () => {
    const runtime = await start(FILES);

    const ids = new Set(Array.from({ length: 600 }, () => runtime.makePredictionId(1_790_000_000_000)));

    expect(ids.size).toBe(600);
  });

  it.each<[string, string, (stored: Files) => void]>([
    [
      'a model changed after signing',
      'ArtifactNotVerifiedError',
      (stored) => (stored['model.onnx'] = buildTreeClassifier(3, 2, 2, 9)),
    ],
    [
      'a signature file changed after signing',
      'ArtifactNotVerifiedError',
      (stored) => (stored['signature.json'] = '{}'),
    ],
    [
      'another signature in its place',
      'SignatureRefusedError',
      (stored) => (stored['model.sig'] = signFiles(FILES).files['model.sig']!),
    ],
    ['no signature', 'ArtifactUnavailableError', (stored) => delete stored['model.sig']],
    ['a model that is gone', 'ArtifactUnavailableError', (stored) => delete stored['model.onnx']],
  ])('refuses %s', async (_, name, tamper) => {
    await expect(start(FILES, tamper)).rejects.toMatchObject({ name });
  });

  it('refuses a signature that holds but is not the deployed one', async () => {
    await expect(start(FILES, undefined, { MANIFEST_DIGEST: 'f'.repeat(64) })).rejects.toMatchObject({
      name: 'ArtifactNotVerifiedError',
    });
  });

  it('refuses a file that onnxruntime cannot load, without its words', async () => {
    const started = start({ ...FILES, 'model.onnx': 'not a model' });

    await expect(started).rejects.toMatchObject({ name: 'ModelNotLoadableError' });
    await expect(started).rejects.not.toThrow(/protobuf/i);
  });

  it('refuses a manifest without a signature of inputs', async () => {
    await expect(start({ 'model.onnx': MODEL })).rejects.toMatchObject({ name: 'ArtifactNotVerifiedError' });
  });
});

describe('checkVersion', () => {
  const inputs = { columns: ['a', 'b'], data: [[1, 2]] };

  it('passes a version that answers its own example', async () => {
    const outputs = await measured();
    const runtime = await start({
      ...FILES,
      'example.json': JSON.stringify({ inputs, outputs, tolerance: 1e-4 }),
    });

    expect(await checkVersion(runtime)).toMatchObject({ ok: true, maxDifference: 0 });
  });

  it('passes a version without an example once it is loaded', async () => {
    expect(await checkVersion(await start(FILES))).toMatchObject({ ok: true, maxDifference: null });
  });

  it('says what differs', async () => {
    const example = { inputs, outputs: [{ ...PREDICTION, probabilities: [9, 9] }], tolerance: 1e-4 };

    const result = await checkVersion(await start({ ...FILES, 'example.json': JSON.stringify(example) }));

    expect(result.ok).toBe(false);
    expect(result.error).toMatch(/outputs\[0\]\.probabilities\[0\] is .* instead of 9/);
  });

  it('says why an example does not run', async () => {
    const example = { inputs: { columns: ['z'], data: [[1]] }, outputs: [1] };
    const runtime = await start({ ...FILES, 'example.json': JSON.stringify(example) });

    const result = await checkVersion({ ...runtime, reportFailure: () => {} });

    expect(result).toMatchObject({ ok: false, maxDifference: null, error: expect.stringContaining("'z'") });
  });
});

describe('parseServingEnvironment', () => {
  const VARIABLES = {
    TENANT: 't',
    ENDPOINT: 'e',
    MODEL_NAME: 'm',
    MODEL_VERSION: '1',
    ARTIFACT_BUCKET: 'b',
    ARTIFACT_PREFIX: 'p',
    MANIFEST_DIGEST: 'd',
    SIGNING_PUBLIC_KEYS: '["k"]',
    AWS_REGION: 'r',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 's',
  };

  it('takes one thread below a whole vCPU and the endpoint of S3 before the general one', () => {
    const environment = parseServingEnvironment({
      ...VARIABLES,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_ENDPOINT_URL: 'https://all',
      AWS_ENDPOINT_URL_S3: 'https://s3',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'provisioned-concurrency',
    });

    expect(environment).toMatchObject({ threads: 1, s3EndpointUrl: 'https://s3', isProvisioned: true });
    expect(parseServingEnvironment({ ...VARIABLES, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '3538' }).threads).toBe(
      2,
    );
  });

  it.each([
    ['TENANT', ''],
    ['MODEL_VERSION', 'three'],
    ['SIGNING_PUBLIC_KEYS', 'key'],
    ['SIGNING_PUBLIC_KEYS', '[]'],
  ])('names %s when it is %j', (name, value) => {
    expect(() => parseServingEnvironment({ ...VARIABLES, [name]: value })).toThrow(EnvironmentError);
    expect(() => parseServingEnvironment({ ...VARIABLES, [name]: value })).toThrow(name);
  });
});
