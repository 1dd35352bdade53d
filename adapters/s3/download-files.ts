import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';

const defaultClient = new S3Client({ forcePathStyle: true });

/**
 * Writes objects below a prefix to files below a directory.
 *
 * @param paths safe relative paths (isSafePath)
 */
export async function downloadFiles(
  place: { readonly bucket: string; readonly prefix: string; readonly directory: string },
  paths: readonly string[],
  client: S3Client = defaultClient,
): Promise<void> {
  for (const path of paths) {
    const { Body } = await client.send(
      new GetObjectCommand({ Bucket: place.bucket, Key: place.prefix + path }),
    );
    const file = join(place.directory, path);
    await mkdir(dirname(file), { recursive: true });
    await pipeline(Body as Readable, createWriteStream(file));
  }
}
