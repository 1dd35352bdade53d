import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes an answer's body to a file as it comes. */
export async function saveBody(response: Response, file: string): Promise<void> {
  const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as never);
  await pipeline(body, createWriteStream(file, { mode: 0o600 }));
}

/** Each part of a path in its escaped form; the slashes stay. */
export function escapePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
