import { describe, expect, it } from 'vitest';
import { createUpload } from '../../../../domain/registry/create-upload.ts';
import { getModelVersion } from '../../../../domain/registry/manage-versions.ts';
import { getVersionItem } from '../../../../domain/registry/model-records.ts';
import { refuseVersion } from '../../../../domain/registry/refuse-version.ts';
import {
  registerModel,
  registerModelVersion,
  registerTrainedVersion,
} from '../../../../domain/registry/register-model-version.ts';
import { registerInput, versionInput } from '../../../../domain/registry/version-shapes.ts';
import { parseBundle, verifyBundle } from '../../../../domain/shared/signing/bundle.ts';
import { makeTestContext } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext();

async function makeWorld() {
  const world = new RegistryWorld();
  await world.model();
  return world;
}

describe('createUpload', () => {
  it('gives a target for each file, for an hour', async () => {
    const world = await makeWorld();

    const upload = await createUpload(world.deps, context, 'churn', {
      files: [{ path: 'model.onnx' }, { path: 'weights/a.bin', bytes: 5 }],
    });

    expect(upload).toMatchObject({
      model: 'churn',
      expiresAt: '2026-03-01T13:00:00.000Z',
      targets: [
        { path: 'model.onnx', method: 'PUT', url: `memory:///tenants/acme/uploads/${upload.id}/model.onnx` },
        { path: 'weights/a.bin' },
      ],
    });
  });

  it.each([['../model.onnx'], ['/model.onnx'], ['.git'], ['a//b']])('refuses the path %s', async (path) => {
    const world = await makeWorld();

    const upload = createUpload(world.deps, context, 'churn', { files: [{ path }] });

    await expect(upload).rejects.toMatchObject({ errors: [{ path: 'files[0].path' }] });
  });

  it('refuses a file that is named twice', async () => {
    const world = await makeWorld();
    const files = [{ path: 'model.onnx' }, { path: 'model.onnx' }];

    const upload = createUpload(world.deps, context, 'churn', { files });

    await expect(upload).rejects.toMatchObject({ errors: [{ path: 'files[1].path' }] });
  });
});

describe('registerModelVersion', () => {
  it('takes files over, signs them and is READY', async () => {
    const world = await makeWorld();
    world.checksRun = false;

    const submitted = await world.version({ semver: '1.0.0', metrics: { auc: 0.8 }, tags: { a: '1' } });
    await world.check(world.requests[0]!);
    const ready = await getModelVersion(world.store, context, { name: 'churn', ref: '1.0.0' });

    expect(submitted).toMatchObject({ version: 1, status: 'CHECKING', servable: false, stage: 'none' });
    expect(ready).toMatchObject({
      status: 'READY',
      servable: true,
      task: 'classification',
      signatureFrom: 'graph',
      semver: '1.0.0',
      metrics: { auc: 0.8 },
      approval: { state: 'not-required' },
      check: { loadMs: 7, warnings: [] },
      manifest: { files: [{ path: 'model.onnx', bytes: 5 }, { path: 'signature.json' }] },
    });
    expect(world.eventTypes()).toEqual(['ModelCreated', 'ModelVersionSubmitted', 'ModelVersionRegistered']);
  });

  it('makes a bundle that verifies against the public key', async () => {
    const world = await makeWorld();
    await world.version();

    const { version } = await getVersionItem(world.store, 'acme', 'churn', 1);
    const text = Buffer.from(world.storage.objects.get(`${version.value.prefix}model.sig`)!).toString();
    const verified = verifyBundle(parseBundle(text), await world.key.publicKeysPem());

    expect(verified).toMatchObject({
      modelName: 'churn/1',
      statementDigest: version.value.manifest?.statementDigest,
      files: [{ path: 'model.onnx' }, { path: 'signature.json' }],
    });
  });

  it('keeps the graph, its weights and companions, and leaves the rest behind', async () => {
    const world = await makeWorld();
    world.checker.verdict = { externalData: ['weights/a.bin'] };
    const uploadId = await world.upload({
      'net.onnx': 'graph',
      'weights/a.bin': 'w',
      'conda.yaml': 'x',
      'model.sig': 'forged',
      'example.json': '{"inputs":{},"outputs":[]}',
      'profile.json': '{"prediction":{"min":0,"max":10}}',
      'signature.json': '{"inputs":[{"name":"x","type":"double"}]}',
    });
    const input = versionInput.parse({ source: { uploadId }, task: 'regression' });

    const { manifest, hasExample, hasProfile, signatureFrom } = await registerModelVersion(
      world.deps,
      context,
      'churn',
      input,
    ).then(() => getModelVersion(world.store, context, { name: 'churn', ref: 1 }));

    expect(manifest?.files.map(({ path }) => path)).toEqual([
      'example.json',
      'model.onnx',
      'profile.json',
      'signature.json',
      'weights/a.bin',
    ]);
    expect({ hasExample, hasProfile, signatureFrom }).toEqual({
      hasExample: true,
      hasProfile: true,
      signatureFrom: 'caller',
    });
    const { version } = await getVersionItem(world.store, 'acme', 'churn', 1);
    expect(version.value.scoreRange).toEqual({ low: -1, high: 11 });
  });

  it('hands the checker the signature and tolerance of the caller', async () => {
    const world = await makeWorld();

    await world.version({ signature: { inputs: '[{"name":"x","type":"double"}]' }, tolerance: 0.01 });

    expect(world.checker.inputs).toMatchObject([
      { modelFile: 'model.onnx', tolerance: 0.01, signature: { inputs: [{ name: 'x' }], params: null } },
    ]);
  });

  it('records the example that the checker made', async () => {
    const world = await makeWorld();
    world.checker.verdict = { example: { inputs: {}, outputs: [1], tolerance: 1e-4 } };

    await world.version();

    const { version } = await getVersionItem(world.store, 'acme', 'churn', 1);
    expect(version.value.hasExample).toBe(true);
    expect(world.storage.objects.has(`${version.value.prefix}example.json`)).toBe(true);
  });

  it('refuses a model in words, and clears its files', async () => {
    const world = await makeWorld();
    world.checker.verdict = { ok: false, reasons: ['The file is not an ONNX model.'] };

    await world.version();

    const refused = await getModelVersion(world.store, context, { name: 'churn', ref: 1 });
    expect(refused).toMatchObject({
      status: 'REFUSED',
      reasons: ['The file is not an ONNX model.'],
      notServableBecause: 'The file is not an ONNX model.',
    });
    expect([...world.storage.objects.keys()].filter((key) => key.includes('/models/'))).toEqual([]);
    expect(world.eventTypes()).toContain('ModelVersionRefused');
  });

  it.each(['example.json', 'profile.json', 'signature.json'])(
    'refuses a %s that is no object',
    async (file) => {
      const world = await makeWorld();
      const uploadId = await world.upload({ 'model.onnx': 'graph', [file]: '[1' });

      await registerModelVersion(world.deps, context, 'churn', versionInput.parse({ source: { uploadId } }));

      expect(await getModelVersion(world.store, context, { name: 'churn', ref: 1 })).toMatchObject({
        status: 'REFUSED',
        reasons: [`${file} is not a JSON object.`],
      });
    },
  );

  it('names the files of an upload that have not arrived', async () => {
    const world = await makeWorld();
    const { id } = await createUpload(world.deps, context, 'churn', { files: [{ path: 'model.onnx' }] });

    const registering = registerModelVersion(
      world.deps,
      context,
      'churn',
      versionInput.parse({ source: { uploadId: id } }),
    );

    await expect(registering).rejects.toThrow('these files have not arrived yet: model.onnx');
  });

  it.each([
    [{ 'a.onnx': '1', 'b.onnx': '2' }, 'not exactly one .onnx file'],
    [{ 'model.pkl': '1' }, 'models are served as ONNX'],
    [Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`${i}.onnx`, '1'])), 'at most 200'],
  ])('refuses an upload without one graph (%#)', async (files, message) => {
    const world = await makeWorld();
    const uploadId = await world.upload(files as Record<string, string>);

    const registering = registerModelVersion(
      world.deps,
      context,
      'churn',
      versionInput.parse({ source: { uploadId } }),
    );

    await expect(registering).rejects.toThrow(message);
  });

  it('does not know uploads of another model or tenant', async () => {
    const world = await makeWorld();
    await world.model('other');
    const uploadId = await world.upload({ 'model.onnx': 'graph' }, 'other');

    const registering = registerModelVersion(
      world.deps,
      context,
      'churn',
      versionInput.parse({ source: { uploadId } }),
    );

    await expect(registering).rejects.toThrow(`No upload '${uploadId}'`);
  });

  it('takes the artifacts and metrics of a run', async () => {
    const world = await makeWorld();
    world.knownRuns.set('r1', {
      prefix: 'tenants/acme/experiments/1/r1/artifacts/',
      metrics: { auc: 0.7, f1: 0.5 },
    });
    await world.storage.write('tenants/acme/experiments/1/r1/artifacts/m/model.onnx', Buffer.from('graph'));

    const input = versionInput.parse({ source: { runId: 'r1', path: '/m/' }, metrics: { auc: 0.9 } });
    const version = await registerModelVersion(world.deps, context, 'churn', input);

    expect(version).toMatchObject({
      source: { kind: 'run', uri: 'runs:/r1/m' },
      lineage: { runId: 'r1' },
      metrics: { auc: 0.9, f1: 0.5 },
    });
  });

  it.each([
    [{ runId: 'nope' }, "there is no run 'nope'"],
    [{ runId: 'r1', path: '../x' }, 'must stay inside the run'],
    [{ runId: 'away' }, 'lie outside of the platform'],
    [{ runId: 'r1', path: '' }, 'holds no model.onnx'],
  ])('refuses the run folder %j', async (source, message) => {
    const world = await makeWorld();
    world.knownRuns.set('r1', { prefix: 'tenants/acme/experiments/1/r1/artifacts/', metrics: {} });
    world.knownRuns.set('away', { prefix: undefined, metrics: {} });

    const registering = registerModelVersion(world.deps, context, 'churn', versionInput.parse({ source }));

    await expect(registering).rejects.toThrow(message);
  });

  it('numbers versions one after the other, ten at once included', async () => {
    const world = await makeWorld();

    const versions = await Promise.all(Array.from({ length: 10 }, () => world.version()));

    expect(versions.map(({ version }) => version).sort((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  it('refuses a label that another version has', async () => {
    const world = await makeWorld();
    await world.version({ semver: '1.0.0' });

    await expect(world.version({ semver: '1.0.0' })).rejects.toThrow(
      "version labelled '1.0.0' exists already",
    );
  });

  it('names the wrong field of a signature', async () => {
    const world = await makeWorld();

    const registering = world.version({ signature: { inputs: [{ name: 'x', type: 'money' }] } });

    await expect(registering).rejects.toMatchObject({ errors: [{ path: 'signature.inputs[0].type' }] });
  });

  it('refuses the version when its check cannot be started', async () => {
    const world = await makeWorld();
    world.deps.checks.start = async () => Promise.reject(new Error('no Lambda'));

    await expect(world.version()).rejects.toThrow('no Lambda');

    const refused = await getModelVersion(world.store, context, { name: 'churn', ref: 1 });
    expect(refused).toMatchObject({
      status: 'REFUSED',
      reasons: [expect.stringContaining('register the version')],
    });
  });

  it('leaves versions alone that were decided meanwhile', async () => {
    const world = await makeWorld();
    await world.version();
    const before = world.store.events.length;

    await world.check(world.requests[0]!);
    const { modelId } = (await getVersionItem(world.store, 'acme', 'churn', 1)).version.value;
    await refuseVersion(world.store, context, { modelId, version: 1 }, ['late']);

    expect(world.store.events).toHaveLength(before);
  });
});

describe('registerModel', () => {
  it('makes the model and the version in one call', async () => {
    const world = new RegistryWorld();
    await world.model('other');
    world.knownRuns.set('r1', { prefix: 'p/', metrics: {} });
    await world.storage.write('p/model/model.onnx', Buffer.from('graph'));

    const made = await registerModel(
      world.deps,
      context,
      registerInput.parse({ name: 'churn', task: 'regression', source: { runId: 'r1' } }),
    );

    expect(made).toMatchObject({ version: { model: 'churn', version: 1, task: 'regression' } });
  });

  it('makes the model alone when no source is named', async () => {
    const world = new RegistryWorld();

    const made = await registerModel(world.deps, context, registerInput.parse({ name: 'churn' }));

    expect(made).toMatchObject({ model: { name: 'churn', latestVersion: null } });
  });
});

describe('registerTrainedVersion', () => {
  const trained = {
    model: 'delays',
    prefix: 'tenants/acme/training/exe_1/',
    task: 'classification',
    metrics: { auc: 0.8 },
    lineage: { trainingExecution: 'exe_1' },
  } as const;

  it('makes the model and waits for the verdict', async () => {
    const world = new RegistryWorld();
    await world.storage.write(`${trained.prefix}model.onnx`, Buffer.from('graph'));

    const version = await registerTrainedVersion(world.deps, context, trained);

    expect(version).toMatchObject({
      model: 'delays',
      version: 1,
      status: 'READY',
      source: { kind: 'training', uri: 'training-executions/exe_1' },
    });
  });

  it('goes on with the version of an earlier try', async () => {
    const world = new RegistryWorld();
    await world.storage.write(`${trained.prefix}model.onnx`, Buffer.from('graph'));
    await registerTrainedVersion(world.deps, context, trained);

    const again = await registerTrainedVersion(world.deps, context, trained);

    expect(again.version).toBe(1);
  });

  it('carries the rollout in the event when the policy rolls winners out by itself', async () => {
    const world = new RegistryWorld();
    await world.model('delays');
    await world.policy({ rollOutOnApproval: true, rollout: { strategy: 'canary' } }, 'delays');
    await world.storage.write(`${trained.prefix}model.onnx`, Buffer.from('graph'));

    await registerTrainedVersion(world.deps, context, trained);

    expect(world.eventData('ModelVersionRegistered')).toMatchObject([
      { rollOut: { strategy: 'canary', policy: {} } },
    ]);
  });

  it('refuses what holds no graph', async () => {
    const world = new RegistryWorld();
    const { trainingExecution: _, ...lineage } = trained.lineage;

    const version = await registerTrainedVersion(world.deps, context, { ...trained, lineage });

    expect(version).toMatchObject({ status: 'REFUSED', reasons: [expect.stringContaining('no model.onnx')] });
  });
});
