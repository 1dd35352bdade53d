import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CheckResult } from '../../../../domain/serving/contract.ts';
import type { Answer } from '../../../../functions/serving/answer-inference/answers.ts';
import { buildTreeClassifier } from '../../../support/onnx-model.ts';
import { signFiles, startObjectServer } from '../../../support/signed-version.ts';

const SIGNATURE = JSON.stringify({
  inputs: [
    { name: 'a', type: 'double' },
    { name: 'b', type: 'double' },
  ],
});
const { files, publicKeyPem, manifestDigest } = signFiles({
  'model.onnx': buildTreeClassifier(3, 2, 2),
  'signature.json': SIGNATURE,
});
let server: Awaited<ReturnType<typeof startObjectServer>>;

beforeAll(async () => {
  server = await startObjectServer('models', 'late/3/', files);
  const variables = {
    TENANT: 'default',
    ENDPOINT: 'flights',
    MODEL_NAME: 'late',
    MODEL_VERSION: '3',
    ARTIFACT_BUCKET: 'models',
    ARTIFACT_PREFIX: 'late/3/',
    MANIFEST_DIGEST: manifestDigest,
    SIGNING_PUBLIC_KEYS: JSON.stringify([publicKeyPem]),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: server.url,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const load = async () => (await import('../../../../functions/serving/answer-inference/handler.ts')).handler;

describe('the function of an endpoint', () => {
  it('answers requests and writes one line on stdout', async () => {
    const handler = await load();
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);

    const answer = (await handler({
      rawPath: '/serving/default/flights/invocations',
      headers: {},
      body: '{"instances":[[1,2]]}',
      requestContext: {
        http: { method: 'POST' },
        authorizer: { lambda: { tenant: 'default', actor: 'tok_1', roles: 'invoker' } },
      },
    })) as Answer;
    const lines = written.mock.calls
      .map(([line]) => String(line))
      .filter((line) => line.startsWith('{"prn":1'));

    expect(answer.statusCode).toBe(200);
    expect(lines).toEqual([
      expect.stringMatching(/"k":"default\/flights","v":3,.*"c":1,"f":\[\[1,2\]\].*\n$/),
    ]);
  });

  it("answers the deployer's check", async () => {
    const handler = await load();

    const result = (await handler({ perennialCheck: true })) as CheckResult;

    expect(result).toEqual({ ok: true, maxDifference: null, loadMs: expect.any(Number) });
  });

  it('does not start with a model that was changed after signing', async () => {
    const model = files['model.onnx'];
    files['model.onnx'] = buildTreeClassifier(3, 2, 2, 5);

    await expect(load()).rejects.toMatchObject({ name: 'ArtifactNotVerifiedError' });

    files['model.onnx'] = model!;
  });
});
