import { createReadStream } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** A part of a file, or all of it. */
export interface FileRange {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
}

/** A server that takes nothing for that long has gone. */
const MAX_SILENCE_MS = 300_000;

/**
 * PUTs a file as it is read from disk. Not by fetch: that reads ahead of a slow server until all of it is in
 * memory, and would send a stream without its length, which S3 refuses.
 */
export async function sendFile(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { path, start, bytes }: FileRange,
): Promise<Response> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(url, {
    method: 'PUT',
    headers: { ...headers, 'content-length': bytes },
    timeout: MAX_SILENCE_MS,
  });
  request.on('timeout', () => request.destroy(new Error('it was silent for too long')));
  const answered = new Promise<Response>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (incoming) => {
      text(incoming).then((body) => {
        const { etag, 'retry-after': retryAfter } = incoming.headers;
        const kept = { ...(etag && { etag }), ...(retryAfter && { 'retry-after': retryAfter }) };
        const status = incoming.statusCode ?? 500;
        resolve(new Response(status === 204 ? null : body, { status, headers: kept }));
      }, reject);
    });
  });
  const content = bytes === 0 ? [] : createReadStream(path, { start, end: start + bytes - 1 });
  // A server that refuses early answers before it has read everything, and then closes.
  await Promise.race([pipeline(content, request), answered]).catch(() => answered);
  return answered;
}
