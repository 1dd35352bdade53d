import { beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller, type Role } from '../support/cloud-caller.ts';
import { buildEndlessModel } from '../support/hostile-models.ts';
import { buildTreeClassifier } from '../support/onnx-model.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();
let caller: CloudCaller;

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'registry');
});

async function call(method: string, path: string, body?: unknown, role: Role = 'scientist') {
  const { status, body: answer } = await caller.call(method, path, body, role);
  return { status, body: answer };
}

/** Registers files and waits until they were checked. */
function register(model: string, files: Record<string, Uint8Array>, input: object = {}) {
  const { 'model.onnx': graph = new Uint8Array(), ...others } = files;
  return caller.submit(model, graph, { files: others, input: { task: undefined, ...input } });
}

const graph = buildTreeClassifier(5, 3, 2);

describe('a registered model', () => {
  it('is checked, signed and verified', async () => {
    await call('POST', '/api/v1/models', { name: 'signed' });
    const started = Date.now();

    const version = await register('signed', { 'model.onnx': graph }, { semver: '1.0.0' });
    const verification = await call('GET', '/api/v1/models/signed/versions/1.0.0/verification');

    console.log(`registered and signed in ${Date.now() - started} ms`);
    expect(version).toMatchObject({
      status: 'READY',
      reasons: [],
      servable: true,
      task: 'classification',
      signatureFrom: 'graph',
      hasExample: true,
    });
    expect(verification).toMatchObject({ status: 200, body: { verified: true, problems: [] } });
  });

  it.each([
    [{ 'model.onnx': Buffer.from('not a model') }, {}, 'not an ONNX model'],
    [
      { 'model.onnx': graph, 'example.json': Buffer.from('{"inputs":{"inputs":[[1,2]]},"outputs":[7]}') },
      {},
      'does not answer its example',
    ],
    [
      { 'model.onnx': graph },
      { signature: { inputs: [{ name: 'x', type: 'string' }] } },
      'does not fit the model',
    ],
  ])('is refused in words when it does not hold (%#)', async (files, input, reason) => {
    await call('POST', '/api/v1/models', { name: 'refused' });

    const version = await register('refused', files as Record<string, Uint8Array>, input);

    expect(version).toMatchObject({ status: 'REFUSED', reasons: [expect.stringContaining(reason)] });
  });

  it('is refused when it runs for ever', async () => {
    await call('POST', '/api/v1/models', { name: 'endless' });

    const version = await register('endless', { 'model.onnx': buildEndlessModel() });

    expect(version).toMatchObject({
      status: 'REFUSED',
      reasons: [expect.stringContaining('longer than a minute')],
    });
  });

  it('is approved by somebody else, and a rejection brings the last approved back', async () => {
    await call('POST', '/api/v1/models', { name: 'judged' });
    await call('PUT', '/api/v1/models/judged/policy', { approval: { required: true } }, 'admin');
    await register('judged', { 'model.onnx': graph });
    await register('judged', { 'model.onnx': graph });
    const decide = (v: number, decision: string) =>
      call('POST', `/api/v1/models/judged/versions/${v}/approvals`, { decision, reason: 'r' }, 'approver');

    const early = await call('POST', '/api/v1/models/judged/promote', { version: 1 });
    await decide(1, 'approved');
    await decide(2, 'approved');
    await call('POST', '/api/v1/models/judged/promote', { version: 1 });
    await call('POST', '/api/v1/models/judged/promote', { version: 2 });
    await decide(2, 'rejected');
    const history = await call('GET', '/api/v1/models/judged/history');

    expect(early).toMatchObject({ status: 422, body: { code: 'APPROVAL_MISSING' } });
    expect(history.body).toMatchObject({ stages: { production: [1], archived: [2] } });
  });

  it('is registered through MLflow', async () => {
    const create = await call('POST', '/api/2.0/mlflow/registered-models/create', { name: 'ml flow' });
    const version = await call('POST', '/api/2.0/mlflow/model-versions/create', {
      name: 'ml flow',
      source: 's3://elsewhere/model',
    });
    const absent = await call('GET', '/ajax-api/2.0/mlflow/registered-models/get?name=nope');

    expect(create.body).toMatchObject({ registered_model: { name: 'ml flow' } });
    expect(version.body).toMatchObject({ model_version: { version: '1', status: 'READY' } });
    expect(absent).toEqual({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Registered Model with name=nope not found' },
    });
  });
});
