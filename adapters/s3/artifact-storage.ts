import { createHash } from 'node:crypto';
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
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ArtifactStorage, StoredFile } from '../../domain/registry/ports.ts';

/** CopyObject takes 5 GB: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MAX_COPY_BYTES = 5 * 1024 ** 3;
const PART_BYTES = 512 * 1024 ** 2;
/** DeleteObjects takes 1,000 keys. */
const KEYS_PER_DELETE = 1000;

/** Presigned addresses must not bind the caller to a checksum that the SDK would add by itself. */
const defaultClient = new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });

/** The artifact bucket. */
export function createArtifactStorage(bucket: string, client: S3Client = defaultClient): ArtifactStorage {
  return {
    list: (prefix) => list(client, bucket, prefix),
    read: async (key) => {
      const body = await getBody(client, bucket, key);
      return body?.transformToByteArray();
    },
    write: async (key, bytes, contentType = 'application/octet-stream') => {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: contentType }),
      );
    },
    copy: (fromKey, toKey) => copy(client, bucket, fromKey, toKey),
    delete: async (keys) => {
      for (let start = 0; start < keys.length; start += KEYS_PER_DELETE) {
        const Objects = keys.slice(start, start + KEYS_PER_DELETE).map((Key) => ({ Key }));
        const answer = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        );
        const [failed] = answer.Errors ?? [];
        if (failed !== undefined) throw new Error(`S3 did not delete ${failed.Key}: ${failed.Code}`);
      }
    },
    digest: async (key) => {
      const body = await getBody(client, bucket, key);
      if (body === undefined) return undefined;
      const hash = createHash('sha256');
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk);
      return hash.digest('hex');
    },
    presignPut: async (key, { bytes, expiresInSeconds }) => {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(bytes === undefined ? {} : { ContentLength: bytes }),
      });
      return { url: await getSignedUrl(client, command, { expiresIn: expiresInSeconds }), headers: {} };
    },
    presignGet: (key, { expiresInSeconds }) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), {
        expiresIn: expiresInSeconds,
      }),
  };
}

async function list(client: S3Client, bucket: string, prefix: string): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }),
    );
    for (const { Key, Size } of page.Contents ?? []) {
      // Consoles make empty objects to show folders.
      if (Key !== undefined && !Key.endsWith('/')) {
        files.push({ path: Key.slice(prefix.length), bytes: Size ?? 0 });
      }
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return files;
}

async function getBody(client: S3Client, bucket: string, key: string) {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body;
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

async function copy(client: S3Client, bucket: string, fromKey: string, toKey: string): Promise<void> {
  const { ContentLength: bytes = 0 } = await client.send(
    new HeadObjectCommand({ Bucket: bucket, Key: fromKey }),
  );
  const CopySource = `${bucket}/${encodeKey(fromKey)}`;
  if (bytes <= MAX_COPY_BYTES) {
    await client.send(new CopyObjectCommand({ Bucket: bucket, Key: toKey, CopySource }));
    return;
  }
  await copyInParts(client, { Bucket: bucket, Key: toKey }, CopySource, bytes);
}

/** Training writes models in parts, so they may be larger than one copy takes. */
async function copyInParts(
  client: S3Client,
  target: { Bucket: string; Key: string },
  CopySource: string,
  bytes: number,
): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  try {
    const Parts = [];
    for (let start = 0, PartNumber = 1; start < bytes; start += PART_BYTES, PartNumber++) {
      const CopySourceRange = `bytes=${start}-${Math.min(start + PART_BYTES, bytes) - 1}`;
      const part = new UploadPartCopyCommand({
        ...target,
        UploadId,
        PartNumber,
        CopySource,
        CopySourceRange,
      });
      const { CopyPartResult } = await client.send(part);
      Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
    );
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
    throw error;
  }
}

function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}
