import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { runMlflowClient } from '../support/mlflow-client.ts';
import { ensureTestPython } from '../support/python-environment.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();
const work = mkdtempSync(join(tmpdir(), 'perennial-versions-'));
const ALL = ['late-sklearn', 'late-onnx', 'late-by-run', 'late-copy'];
let caller: CloudCaller;
// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
let seen: any;

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'flavors');
  const connection = { apiUrl: getCloud().apiUrl, token: caller.token('scientist') };
  seen = await runMlflowClient(connection, { name: 'mlflow_versions.py' });
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const getVersion = async (model: string) =>
  (await caller.call('GET', `/api/v1/models/${model}/versions/1`)).body;

describe("MLflow's client", () => {
  it('sees versions that are READY, at the address that it registered', () => {
    const { run, artifacts, models, versions } = seen;
    const ready = { status: 'READY', run: true };

    expect(versions).toEqual({
      'late-sklearn': {
        ...ready,
        message: expect.stringContaining('skl2onnx'),
        source: `models:/${models.trained}`,
        download: expect.stringMatching(`^mlflow-artifacts:/\\d+/models/${models.trained}/artifacts$`),
      },
      'late-onnx': {
        ...ready,
        message: null,
        source: `models:/${models.exported}`,
        download: expect.stringContaining(models.exported),
      },
      'late-by-run': {
        ...ready,
        message: null,
        source: `${artifacts}/saved`,
        download: `${artifacts}/saved`,
      },
      'late-copy': {
        ...ready,
        message: null,
        source: 'models:/late-onnx/1',
        download: versions['late-onnx'].download,
      },
    });
    expect(artifacts).toContain(run);
  });

  it('loads what it registered', () => {
    expect(seen.loaded).toEqual(seen.expected);
  });

  it('finds at a logged model which versions were made from it', () => {
    expect(JSON.parse(seen.registrations.trained)).toContainEqual({ name: 'late-sklearn', version: '1' });
  });
});

describe('a version made through MLflow', () => {
  it('has flavors and signature from its MLmodel, and says what its flavor lacks', async () => {
    const version = await getVersion('late-sklearn');

    expect(version).toMatchObject({
      status: 'READY',
      servable: false,
      flavors: ['python_function', 'sklearn'],
      loaderModule: 'mlflow.sklearn',
      mlflowVersion: expect.stringMatching(/^3\.17\./),
      signature: { inputs: [{ name: 'distance', type: 'double' }, { name: 'hour' }, { name: 'seats' }] },
      metrics: { accuracy: expect.any(Number) },
    });
    expect(version.notServableBecause).toContain('mlflow.onnx.log_model');
    expect(version.manifest.files.map(({ path }: { path: string }) => path)).toContain('MLmodel');
  });

  it('comes from its run, logged model, dataset and code', async () => {
    const { body } = await caller.call('GET', '/api/v1/models/late-sklearn/versions/1/lineage');

    expect(body.lineage).toMatchObject({
      runId: seen.run,
      loggedModelId: seen.models.trained,
      datasets: [{ name: 'flights', digest: seen.digest, context: 'training' }],
      codeCommit: '0123456789abcdef0123456789abcdef01234567',
      code: { name: expect.stringContaining('mlflow_versions.py'), type: 'LOCAL' },
    });
    expect(body.nodes.map(({ kind }: { kind: string }) => kind)).toEqual([
      'model-version',
      'run',
      'logged-model',
      'dataset',
      'code',
    ]);
  });

  it.each(ALL)('is verified by the platform and by the model_signing package: %s', async (model) => {
    const path = `/api/v1/models/${model}/versions/1`;
    const verification = await caller.call('GET', `${path}/verification`);
    const files = await caller.call('GET', `${path}/files`);
    const folder = join(work, model);
    for (const file of files.body.items) {
      mkdirSync(dirname(join(folder, file.path)), { recursive: true });
      writeFileSync(join(folder, file.path), Buffer.from(await (await fetch(file.url)).arrayBuffer()));
    }
    const keyFile = join(work, 'public.pem');
    writeFileSync(keyFile, verification.body.publicKeys[0]);

    const options = ['--signature', join(folder, 'model.sig'), '--public_key', keyFile];
    const result = spawnSync(
      join(ensureTestPython(), 'model_signing'),
      ['verify', 'key', ...options, folder],
      {
        encoding: 'utf8',
      },
    );

    expect(verification.body).toMatchObject({ verified: true, problems: [] });
    expect(result.stdout + result.stderr).toContain('Verification succeeded');
  });

  it('of the ONNX flavor is served, under the column names of its signature', async () => {
    const version = await getVersion('late-onnx');
    const url = await caller.serve('late', 'late-onnx');
    const reply = await caller.call('POST', `${url}/invocations`, { dataframe_split: seen.asked }, 'invoker');

    expect(version).toMatchObject({
      servable: true,
      signatureFrom: 'caller',
      hasExample: true,
      flavors: ['onnx', 'python_function'],
      check: { warnings: [] },
    });
    expect(reply.status).toBe(200);
    reply.body.predictions.forEach(
      ({ label, probabilities }: { label: number; probabilities: number[] }, i: number) => {
        expect(label).toBe(seen.expected[i]);
        expect(probabilities[1]).toBeCloseTo(seen.probabilities[i][1], 5);
      },
    );
  });

  it('is not deleted while an endpoint serves it', async () => {
    const target = { name: 'late-onnx', version: '1' };
    const refused = await caller.call('DELETE', '/api/2.0/mlflow/model-versions/delete', target, 'scientist');
    const still = await getVersion('late-onnx');

    expect(refused).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("'late' serves") },
    });
    expect(still.status).toBe('READY');
  });
});
