import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { NodeSha256 } from '../../../../adapters/serving/node-sha256.ts';
import { ArtifactUnavailableError, makeS3Reader } from '../../../../adapters/serving/s3-reader.ts';
import { startObjectServer } from '../../../support/signed-version.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' };
let server: Awaited<ReturnType<typeof startObjectServer>>;

async function makeReader() {
  server = await startObjectServer('models', 'v 1/', { 'a+b (1).txt': 'hello' });
  return makeS3Reader({
    bucket: 'models',
    region: 'eu-central-1',
    endpointUrl: server.url,
    credentials: CREDENTIALS,
  });
}

afterEach(() => server.close());

describe('makeS3Reader', () => {
  it('signs a path-style request with the credentials of the environment', async () => {
    const reader = await makeReader();

    const bytes = await reader.read('v 1/a+b (1).txt');

    expect(bytes.toString()).toBe('hello');
    expect(server.requests[0]?.path).toBe('/models/v%201/a%2Bb%20%281%29.txt');
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request/,
      ),
      'x-amz-security-token': 'session',
      'x-amz-content-sha256': createHash('sha256').digest('hex'),
    });
  });

  it('writes a file and answers its digest', async () => {
    const reader = await makeReader();
    const folder = mkdtempSync(join(tmpdir(), 'perennial-s3-'));

    const digest = await reader.download('v 1/a+b (1).txt', join(folder, 'file'));

    expect(digest).toBe(createHash('sha256').update('hello').digest('hex'));
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('hello');
    rmSync(folder, { recursive: true });
  });

  it('tries again after a failure of the service', async () => {
    const reader = await makeReader();
    server.failures.push(503, 500);

    expect((await reader.read('v 1/a+b (1).txt')).toString()).toBe('hello');
    expect(server.requests).toHaveLength(3);
  });

  it('gives up at once when the object is not there', async () => {
    const reader = await makeReader();

    await expect(reader.read('v 1/none')).rejects.toThrow(ArtifactUnavailableError);
    expect(server.requests).toHaveLength(1);
  });

  it('gives up after three failures', async () => {
    const reader = await makeReader();
    server.failures.push(500, 500, 500, 500);

    await expect(reader.read('v 1/a+b (1).txt')).rejects.toThrow('S3 answered 500');
    expect(server.requests).toHaveLength(3);
  });

  it('says so when nobody answers', async () => {
    await makeReader();
    const reader = makeS3Reader({
      bucket: 'models',
      region: 'cn-north-1',
      endpointUrl: 'http://127.0.0.1:9',
      credentials: CREDENTIALS,
    });

    await expect(reader.read('x')).rejects.toThrow('the connection failed');
  });
});

describe('NodeSha256', () => {
  it('hashes strings and bytes, and starts again after a reset', async () => {
    await makeReader();
    const hash = new NodeSha256();
    hash.update('x');
    hash.reset();
    hash.update('hel');
    hash.update(new Uint8Array(Buffer.from('l')));
    hash.update(new TextEncoder().encode('o').buffer);

    expect(Buffer.from(await hash.digest()).toString('hex')).toBe(
      createHash('sha256').update('hello').digest('hex'),
    );
  });
});
