import type { IncomingMessage } from 'node:http';

/** Enough to see what a receiver complains about. */
const KEPT_CHARACTERS = 500;

interface ReadAnswer {
  readonly kind: 'answered';
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;
}

/** Status, the beginning of the body, and how long to wait; the rest of a long body is not read. */
export async function readAnswer(response: IncomingMessage): Promise<ReadAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // UTF-8 has four bytes a character at most; leaving the loop ends the connection.
    if (bytes >= KEPT_CHARACTERS * 4) break;
  }
  const body = Buffer.concat(chunks).toString().slice(0, KEPT_CHARACTERS);
  const retryAfterSeconds = readRetryAfter(response.headers['retry-after'], Date.now());
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    body,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}
