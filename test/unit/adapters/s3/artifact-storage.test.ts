import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createArtifactStorage } from '../../../../adapters/s3/artifact-storage.ts';

const client = new S3Client({
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  forcePathStyle: true,
});
const s3 = mockClient(client);
const storage = createArtifactStorage('bucket', client);
const gone = new NoSuchKey({ message: 'gone', $metadata: {} });

beforeEach(() => s3.reset());

function bodyOf(text: string) {
  const body = Readable.from([Buffer.from(text)]);
  return Object.assign(body, { transformToByteArray: async () => Buffer.from(text) }) as never;
}

describe('createArtifactStorage', () => {
  it('lists all pages, without the objects that stand for folders', async () => {
    s3.on(ListObjectsV2Command, { ContinuationToken: undefined })
      .resolves({ Contents: [{ Key: 'p/' }, { Key: 'p/a', Size: 1 }], NextContinuationToken: 'more' })
      .on(ListObjectsV2Command, { ContinuationToken: 'more' })
      .resolves({ Contents: [{ Key: 'p/b/c', Size: 2 }] });

    expect(await storage.list('p/')).toEqual([
      { path: 'a', bytes: 1 },
      { path: 'b/c', bytes: 2 },
    ]);
  });

  it('reads and digests files', async () => {
    s3.on(GetObjectCommand).callsFake(() => ({ Body: bodyOf('abc') }));

    expect(Buffer.from((await storage.read('k'))!).toString()).toBe('abc');
    expect(await storage.digest('k')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('knows files that are not there from failures', async () => {
    s3.on(GetObjectCommand).rejectsOnce(gone).rejectsOnce(gone).rejects(new Error('denied'));

    expect(await storage.read('k')).toBeUndefined();
    expect(await storage.digest('k')).toBeUndefined();
    await expect(storage.read('k')).rejects.toThrow('denied');
  });

  it('writes with a content type', async () => {
    s3.on(PutObjectCommand).resolves({});

    await storage.write('k', Buffer.from('x'));

    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'bucket',
      Key: 'k',
      ContentType: 'application/octet-stream',
    });
  });

  it('copies inside the bucket, with the key escaped', async () => {
    s3.on(HeadObjectCommand).resolves({ ContentLength: 5 }).on(CopyObjectCommand).resolves({});

    await storage.copy('a b/ü', 'to');

    expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'bucket',
      Key: 'to',
      CopySource: 'bucket/a%20b/%C3%BC',
    });
  });

  it('copies in parts what one copy does not take', async () => {
    s3.on(HeadObjectCommand).resolves({ ContentLength: 5.25 * 1024 ** 3 });
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u' });
    s3.on(UploadPartCopyCommand).resolves({ CopyPartResult: { ETag: 'e' } });
    s3.on(CompleteMultipartUploadCommand).resolves({});

    await storage.copy('from', 'to');

    const parts = s3.commandCalls(UploadPartCopyCommand).map(({ args }) => args[0].input.CopySourceRange);
    expect(parts).toHaveLength(11);
    expect(parts.at(-1)).toBe(`bytes=${10 * 512 * 1024 ** 2}-${5.25 * 1024 ** 3 - 1}`);
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toHaveLength(1);
  });

  it('leaves no parts behind when a copy fails', async () => {
    s3.on(HeadObjectCommand).resolves({ ContentLength: 6 * 1024 ** 3 });
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u' });
    s3.on(UploadPartCopyCommand).rejects(new Error('slow down'));
    s3.on(AbortMultipartUploadCommand).resolves({});

    await expect(storage.copy('from', 'to')).rejects.toThrow('slow down');

    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  });

  it('deletes a thousand keys at a time, and says what was not deleted', async () => {
    s3.on(DeleteObjectsCommand)
      .resolvesOnce({})
      .resolves({ Errors: [{ Key: 'k', Code: 'AccessDenied' }] });

    await storage.delete([]);
    const deleting = storage.delete(Array.from({ length: 1001 }, (_, i) => `k${i}`));

    await expect(deleting).rejects.toThrow('S3 did not delete k: AccessDenied');
    expect(s3.commandCalls(DeleteObjectsCommand)).toHaveLength(2);
  });

  it('presigns targets that bind the caller to no checksum', async () => {
    const { url, headers } = await storage.presignPut('k', { bytes: 3, expiresInSeconds: 60 });
    const get = await storage.presignGet('k', { expiresInSeconds: 60 });

    expect(headers).toEqual({});
    expect(new URL(url).pathname).toBe('/bucket/k');
    expect(get).toContain('X-Amz-Expires=60');
  });
});
