import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NoSuchUpload,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type {
  ArtifactFiles,
  CompleteOutcome,
  FolderEntry,
  StoredArtifact,
  UploadedPart,
} from '../../domain/tracking/artifacts/ports.ts';

/** A presigned address must not bind the client to a checksum that the SDK would add by itself. */
const defaultClient = new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });

/** What S3 says about parts that do not fit together. */
const REFUSALS = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'MalformedXML']);

interface Bucket {
  readonly client: S3Client;
  readonly name: string;
}

/** Runs' and logged models' files in the artifact bucket. */
export function createArtifactFiles(bucketName: string, client: S3Client = defaultClient): ArtifactFiles {
  const bucket = { client, name: bucketName };
  const presign = (command: GetObjectCommand | PutObjectCommand | UploadPartCommand, expiresIn: number) =>
    getSignedUrl(client, command as GetObjectCommand, { expiresIn });
  return {
    listFolder: (prefix) => listFolder(bucket, prefix),
    find: (key) => find(bucket, key),
    read: (key, maxBytes) => read(bucket, key, maxBytes),
    write: async (key, content, mediaType) => {
      const input = { Bucket: bucketName, Key: key, Body: content, ContentType: mediaType };
      await client.send(new PutObjectCommand(input));
    },
    deleteTree: (key) => deleteTree(bucket, key),
    presignDownload: (key, { expiresInSeconds, mediaType, disposition }) => {
      const answer = { ResponseContentType: mediaType, ResponseContentDisposition: disposition };
      return presign(new GetObjectCommand({ Bucket: bucketName, Key: key, ...answer }), expiresInSeconds);
    },
    presignUpload: (key, expiresInSeconds) =>
      presign(new PutObjectCommand({ Bucket: bucketName, Key: key }), expiresInSeconds),
    startUpload: async (key, mediaType) => {
      const input = { Bucket: bucketName, Key: key, ContentType: mediaType };
      const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand(input));
      return UploadId;
    },
    presignParts: (key, UploadId, { count, expiresInSeconds }) => {
      const part = { Bucket: bucketName, Key: key, UploadId };
      return Promise.all(
        Array.from({ length: count }, (_, index) =>
          presign(new UploadPartCommand({ ...part, PartNumber: index + 1 }), expiresInSeconds),
        ),
      );
    },
    completeUpload: (key, uploadId, parts) => completeUpload(bucket, key, uploadId, parts),
    abortUpload: async (key, UploadId) => {
      try {
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucketName, Key: key, UploadId }));
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

async function listFolder({ client, name }: Bucket, prefix: string): Promise<FolderEntry[]> {
  const entries: FolderEntry[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: name, Prefix: prefix, Delimiter: '/', ContinuationToken }),
    );
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
      entries.push({ name: Prefix.slice(prefix.length, -1), bytes: undefined });
    }
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      // Consoles make empty objects to show folders.
      if (Key !== prefix) entries.push({ name: Key.slice(prefix.length), bytes: Size });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** By a list: HeadObject answers 403 for an absent key to those who may list only below a prefix. */
async function find({ client, name }: Bucket, key: string): Promise<StoredArtifact | undefined> {
  const page = await client.send(new ListObjectsV2Command({ Bucket: name, Prefix: key, MaxKeys: 1 }));
  const [first] = page.Contents ?? [];
  if (first?.Key !== key) return undefined;
  return { bytes: first.Size ?? 0, etag: unquote(first.ETag) };
}

async function read(bucket: Bucket, key: string, maxBytes: number): ReturnType<ArtifactFiles['read']> {
  if (maxBytes === 0) {
    const found = await find(bucket, key);
    return found && { bytes: found.bytes, content: undefined };
  }
  try {
    const input = { Bucket: bucket.name, Key: key };
    const { Body, ContentLength: bytes = 0 } = await bucket.client.send(new GetObjectCommand(input));
    if (bytes <= maxBytes)
      return { bytes, content: (await Body?.transformToByteArray()) ?? new Uint8Array() };
    (Body as { destroy?: () => void } | undefined)?.destroy?.();
    return { bytes, content: undefined };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    // 403 is also what S3 says of absent keys; see `find`.
    const mayBeAbsent = error instanceof S3ServiceException && error.name === 'AccessDenied';
    if (mayBeAbsent && (await find(bucket, key)) === undefined) return undefined;
    throw error;
  }
}

async function deleteTree({ client, name }: Bucket, key: string): Promise<void> {
  await deleteKeys({ client, name }, [key]);
  for (;;) {
    // A list gives 1,000 keys, as many as a delete takes; deleted ones are gone from the next list.
    const page = await client.send(new ListObjectsV2Command({ Bucket: name, Prefix: `${key}/` }));
    const keys = (page.Contents ?? []).map(({ Key = '' }) => Key);
    if (keys.length === 0) return;
    await deleteKeys({ client, name }, keys);
  }
}

async function deleteKeys({ client, name }: Bucket, keys: readonly string[]): Promise<void> {
  const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
  const answer = await client.send(new DeleteObjectsCommand({ Bucket: name, Delete }));
  const [failed] = answer.Errors ?? [];
  if (failed !== undefined) throw new Error(`S3 did not delete ${failed.Key}: ${failed.Code}`);
}

async function completeUpload(
  bucket: Bucket,
  key: string,
  UploadId: string,
  parts: readonly UploadedPart[],
): Promise<CompleteOutcome> {
  const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }));
  const input = { Bucket: bucket.name, Key: key, UploadId, MultipartUpload: { Parts } };
  try {
    await bucket.client.send(new CompleteMultipartUploadCommand(input));
    return { state: 'completed' };
  } catch (error) {
    if (error instanceof S3ServiceException && REFUSALS.has(error.name)) {
      return { state: 'refused', reason: error.message };
    }
    if (!isGone(error)) throw error;
  }
  // Clients repeat a call whose answer came too late: then it is done already, with just these parts.
  const found = await find(bucket, key);
  return { state: found?.etag === combinedEtag(parts) ? 'completed' : 'absent' };
}

/** S3's ETag of an object that was put together: MD5 of the parts' MD5s, and their number. */
function combinedEtag(parts: readonly UploadedPart[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(unquote(etag), 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function unquote(etag = ''): string {
  return etag.replaceAll('"', '');
}

function isGone(error: unknown): boolean {
  return (
    error instanceof NoSuchUpload || (error instanceof S3ServiceException && error.name === 'NoSuchUpload')
  );
}
