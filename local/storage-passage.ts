import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Upstream } from './upstream.ts';

/** Paths of the front door that lead to the emulator's S3. */
const PASSAGE = '/_s3/';
/** What admits a request to S3; the passage opens to nothing else. */
const SIGNED = 'X-Amz-Signature=';
/** Answers that name addresses to transfer files from and to. */
const JSON_TYPE = /^application\/json\b/;

/**
 * S3 for clients of the front door. Its presigned addresses are open to everybody on AWS; the emulator's have a
 * certificate that clients such as MLflow's do not know. So what the API answers names the front door instead,
 * which hands on what comes there, without the gateway's limits, as S3 has none of them.
 */
export interface StoragePassage {
  readonly isTaken: (request: IncomingMessage) => boolean;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The answer's headers and, for JSON, its body with addresses that lead through the passage. */
  readonly publish: (
    answer: IncomingMessage,
    doorHost: string,
  ) => Promise<{ readonly headers: OutgoingHttpHeaders; readonly body: Buffer | undefined }>;
}

export function makeStoragePassage(upstream: Upstream): StoragePassage {
  const address = new RegExp(`${escapeRegExp(upstream.origin)}/([^"\\s\\\\]*${SIGNED}[^"\\s\\\\]*)`, 'g');
  const rewrite = (text: string, doorHost: string) =>
    text.replaceAll(address, (_, target: string) => `http://${doorHost}${PASSAGE}${target}`);
  return {
    isTaken: ({ url = '' }) => url.startsWith(PASSAGE) && url.includes(SIGNED),
    handle: async (request, response) => {
      const target = `/${(request.url ?? '').slice(PASSAGE.length)}`;
      const answer = await upstream.stream(request, target, forwardedHeaders(request, upstream.origin));
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    },
    publish: async (answer, doorHost) => {
      const { location } = answer.headers;
      const headers =
        location === undefined
          ? answer.headers
          : { ...answer.headers, location: rewrite(location, doorHost) };
      if (!JSON_TYPE.test(answer.headers['content-type'] ?? '')) return { headers, body: undefined };
      const chunks: Buffer[] = [];
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.from(rewrite(Buffer.concat(chunks).toString(), doorHost));
      return { headers: { ...headers, 'content-length': body.length }, body };
    },
  };
}

/**
 * The signature holds for S3's own host name. A token for the API is not S3's: clients drop it when a redirect
 * leads to another host, which the front door is not.
 */
function forwardedHeaders(request: IncomingMessage, origin: string): OutgoingHttpHeaders {
  const { authorization: _, connection: __, ...headers } = request.headers;
  return { ...headers, host: new URL(origin).host };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
