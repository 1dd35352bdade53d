import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { createArtifactFiles } from '../../adapters/s3/artifact-files.ts';
import { describeArtifactFiles } from '../contract/artifact-files-contract.ts';
import { readShared, rootSettings } from '../support/aws.ts';
import { CloudCaller } from '../support/cloud-caller.ts';
import { runMlflowClient } from '../support/mlflow-client.ts';
import { buildTreeClassifier } from '../support/onnx-model.ts';
import { useCloud } from '../support/shared-cloud.ts';

const MB = 1024 ** 2;
const PROXY = '/api/2.0/mlflow-artifacts';
const cloud = useCloud();
// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
let seen: any;
let caller: CloudCaller;
let s3: S3Client;
let bucket: string;

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(cloud(), 'artifacts');
  s3 = new S3Client({ ...rootSettings(cloud()), requestChecksumCalculation: 'WHEN_REQUIRED' });
  bucket = await readShared(cloud(), 'state/artifact-bucket-name');
  const sizes = {
    MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE: String(5 * MB),
    MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE: String(5 * MB),
  };
  const connection = { apiUrl: cloud().apiUrl, token: caller.token('scientist') };
  seen = await runMlflowClient(connection, { name: 'artifacts_client.py', variables: sizes });
});

async function listUploads(): Promise<string[]> {
  const Prefix = `tenants/${caller.tenant}/`;
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix }));
  return Uploads.map(({ Key = '' }) => Key.slice(Prefix.length));
}

describeArtifactFiles('S3', () => ({
  files: createArtifactFiles(bucket, s3),
  prefix: `tenants/${caller.tenant}/contract/`,
  putPart: async (url, content) => {
    // Through the front door, as clients do: Node does not know the emulator's certificate.
    const target = url.replace(/^https:\/\/[^/]+/, `${cloud().apiUrl}/_s3`);
    const answer = await fetch(target, { method: 'PUT', body: Buffer.from(content) });
    return answer.headers.get('etag') ?? '';
  },
}));

describe("MLflow's client with the printed variables", () => {
  it('sends and fetches folders of small files, text in any encoding', () => {
    expect(seen.small).toEqual({
      same: true,
      listed: ['many/a', 'many/b', 'many/c', 'many/empty.txt', 'many/ä ö'],
      file: [],
    });
  });

  it('sends a large file to S3 in parts, and fetches it in ranges', () => {
    const { same, parts, ranges, throughApi, size } = seen.large;

    expect([same, size]).toEqual([true, [30 * MB + 1]]);
    expect(parts.toSorted((a: number, b: number) => b - a)).toEqual([...Array(6).fill(5 * MB), 1]);
    expect(ranges).toEqual(Array(7).fill(206));
    expect(throughApi).toBeLessThan(20_000);
  });

  it('leaves nothing of an upload that broke', async () => {
    const uploads = await listUploads();

    expect(seen.broken).toEqual({ raised: true, listed: [] });
    expect(uploads.filter((key) => key.includes('/broken/'))).toEqual([]);
  });

  it('is told what to set when it sends a large file through the API', () => {
    expect(seen.plain).toContain('413');
    expect(seen.plain).toContain('MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=1048576');
  });

  it('deletes a folder', () => {
    expect(seen.deleted).toEqual(['models']);
  });
});

describe('the artifact proxy', () => {
  it('shows no file of an upload whose client was killed, and drops it when asked to', async () => {
    const killed = `${seen.run.experiment}/killed`;
    const created = await caller.call('POST', `${PROXY}/mpu/create/${killed}`, {
      path: 'x.bin',
      num_parts: 2,
    });
    const put = await fetch(created.body.credentials[0].url, { method: 'PUT', body: Buffer.alloc(5 * MB) });
    const listed = await caller.call('GET', `${PROXY}/artifacts?path=${killed}`);
    const left = await listUploads();

    const abort = { path: 'x.bin', upload_id: created.body.upload_id };
    const aborted = await caller.call('POST', `${PROXY}/mpu/abort/${killed}`, abort);

    expect([put.status, listed.body]).toEqual([200, {}]);
    expect(left).toContain(`experiments/${killed}/x.bin`);
    expect(aborted.status).toBe(200);
    expect(await listUploads()).toEqual([]);
  });

  it('takes the folder of an upload to be the root when none is named', async () => {
    const created = await caller.call('POST', `${PROXY}/mpu/create`, { path: '/tmp/r.bin', num_parts: 1 });
    const etag = (await fetch(created.body.credentials[0].url, { method: 'PUT', body: 'x' })).headers.get(
      'etag',
    );

    const upload = { path: '/tmp/r.bin', upload_id: created.body.upload_id };
    const parts = [{ part_number: 1, etag, url: created.body.credentials[0].url }];
    const completed = await caller.call('POST', `${PROXY}/mpu/complete`, { ...upload, parts });
    const repeated = await caller.call('POST', `${PROXY}/mpu/complete`, { ...upload, parts });

    expect([completed.status, repeated.status]).toEqual([200, 200]);
    const { body } = await caller.call('GET', `${PROXY}/artifacts`);
    expect(body.files).toContainEqual({ path: 'r.bin', is_dir: false, file_size: 1 });
  });

  it('redirects a large download with name and type, and answers a small one itself', async () => {
    const headers = { authorization: `Bearer ${caller.token('viewer')}` };
    const { id, experiment } = seen.run;
    const large = `${cloud().apiUrl}${PROXY}/artifacts/${experiment}/${id}/artifacts/models/large.bin`;

    const redirected = await fetch(large, { headers, redirect: 'manual' });
    const followed = await fetch(large, { headers: { ...headers, range: 'bytes=0-9' } });

    expect(redirected.status).toBe(302);
    expect([followed.status, (await followed.arrayBuffer()).byteLength]).toEqual([206, 10]);
    expect(followed.headers.get('content-disposition')).toBe('attachment; filename=large.bin');
    expect(followed.headers.get('content-type')).toBe('application/octet-stream');
  });

  it.each([
    ['GET', `${PROXY}/artifacts/..%2fother%2fx`],
    ['GET', `${PROXY}/artifacts/0/%2e%2e/%2e%2e/x`],
    ['DELETE', `${PROXY}/artifacts/.`],
    ['POST', `${PROXY}/mpu/create/..%252f..`],
    ['GET', `${PROXY}/presigned/%252e%252e/x`],
  ])('refuses %s %s', async (method, path) => {
    const body = method === 'POST' ? { path: 'x', num_parts: 1 } : undefined;

    const reply = await caller.call(method, path, body);

    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
  });

  it('answers files of a logged model beside the model itself, which is another function’s', async () => {
    const { experiment } = seen.run;
    const created = await caller.call('POST', '/api/2.0/mlflow/logged-models', { experiment_id: experiment });
    const { model_id, artifact_uri } = created.body.model.info;
    const folder = artifact_uri.replace('mlflow-artifacts:/', `${PROXY}/artifacts/`);
    await caller.call('PUT', `${folder}/MLmodel`, 'flavors: {}');
    const model = `2.0/mlflow/logged-models/${model_id}`;

    const listed = await caller.call('GET', `/api/${model}/artifacts/directories`);
    const file = await caller.call('GET', `/ajax-api/${model}/artifacts/files?artifact_file_path=MLmodel`);
    const found = await caller.call('GET', `/ajax-api/${model}`);

    expect(listed.body).toEqual({
      root_uri: artifact_uri,
      files: [{ path: 'MLmodel', is_dir: false, file_size: 13 }],
    });
    expect([file.headers.get('content-type'), file.body]).toEqual(['text/plain', '"flavors: {}"']);
    expect(found.body.model.info.model_id).toBe(model_id);
  });

  it('answers a file of a model version from its own copy', async () => {
    const graph = Buffer.from(buildTreeClassifier(3, 2, 2));
    await caller.register('filed', graph);

    const path = '/ajax-api/2.0/mlflow/model-versions/get-artifact?name=filed&version=1&path=';
    const file = await caller.call('GET', `${path}model.onnx`);
    const absent = await caller.call('GET', `${path}none`);

    expect([file.status, file.headers.get('content-length')]).toEqual([200, String(graph.length)]);
    expect([absent.status, absent.body.message]).toEqual([404, "No such artifact: 'none'"]);
  });

  it('admits pages of other origins to a large download', async () => {
    const { id, experiment } = seen.run;
    const large = `${PROXY}/presigned/${experiment}/${id}/artifacts/models/large.bin`;
    const { body } = await caller.call('GET', large, undefined, 'viewer');

    const answer = await fetch(body.url, { headers: { origin: 'https://page.example', range: 'bytes=0-0' } });

    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([206, '*']);
  });

  it('knows no experiment that is not there', async () => {
    const reply = await caller.call('GET', `${PROXY}/artifacts/99/x`);

    expect([reply.status, reply.body.error_code]).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
  });
});
