import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import { DomainError } from '../../domain/shared/domain-error.ts';
import { NodeSha256 } from './node-sha256.ts';

/** An artifact could not be read from S3; the key and the status tell why, never the signed request. */
export class ArtifactUnavailableError extends DomainError {
  override readonly name = 'ArtifactUnavailableError';
  readonly code = 'ARTIFACT_UNAVAILABLE';
  readonly status = 503;
}

export interface S3ReaderOptions {
  readonly bucket: string;
  readonly region: string;
  /** Another S3 than the Region's own, as AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names it. */
  readonly endpointUrl: string | undefined;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Reads objects with signed requests alone: the SDK's client would cost 400 KB and 90 ms of every cold start. */
export interface S3Reader {
  read(key: string): Promise<Buffer>;
  /** Writes the object to a file and answers its SHA-256 in hex. */
  download(key: string, file: string): Promise<string>;
}

/** INIT has 10 s: three tries of at most 3 s leave a chance for the model itself. */
const ATTEMPTS = 3;
const TIMEOUT_MS = 3000;
const FIRST_PAUSE_MS = 50;

/** Makes a reader of one bucket, addressed by path so that any S3 works without wildcard names. */
export function makeS3Reader({ bucket, region, endpointUrl, credentials }: S3ReaderOptions): S3Reader {
  const base = new URL(endpointUrl ?? `https://s3.${region}.${dnsSuffix(region)}`);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials,
    sha256: NodeSha256,
    uriEscapePath: false,
  });

  async function get<T>(key: string, consume: (body: IncomingMessage) => Promise<T>): Promise<T> {
    const path = `${base.pathname.replace(/\/$/, '')}/${encodePath(`${bucket}/${key}`)}`;
    for (let attempt = 1; ; attempt++) {
      const outcome = await request(base, signer, path, consume);
      if ('value' in outcome) return outcome.value;
      if (!outcome.isTransient || attempt === ATTEMPTS) {
        const message = `s3://${bucket}/${key} cannot be read: ${outcome.problem}.`;
        throw new ArtifactUnavailableError(message, { cause: outcome.cause });
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** attempt));
    }
  }

  return {
    read: (key) =>
      get(key, async (body) => {
        const chunks: Buffer[] = [];
        for await (const chunk of body) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      }),
    download: (key, file) =>
      get(key, async (body) => {
        const hash = createHash('sha256');
        body.on('data', (chunk: Buffer) => hash.update(chunk));
        await pipeline(body, createWriteStream(file));
        return hash.digest('hex');
      }),
  };
}

type Outcome<T> =
  | { readonly value: T }
  | { readonly problem: string; readonly isTransient: boolean; readonly cause?: unknown };

async function request<T>(
  base: URL,
  signer: SignatureV4,
  path: string,
  consume: (body: IncomingMessage) => Promise<T>,
): Promise<Outcome<T>> {
  try {
    const response = await sendSigned(base, signer, path);
    if (response.statusCode === 200) return { value: await consume(response) };
    response.resume();
    const status = response.statusCode ?? 0;
    return { problem: `S3 answered ${status}`, isTransient: status >= 500 };
  } catch (error) {
    return { problem: 'the connection failed', isTransient: true, cause: error };
  }
}

async function sendSigned(base: URL, signer: SignatureV4, path: string): Promise<IncomingMessage> {
  const { headers } = await signer.sign({
    method: 'GET',
    protocol: base.protocol,
    hostname: base.hostname,
    path,
    query: {},
    headers: { host: base.host },
  });
  const { get } = base.protocol === 'http:' ? await import('node:http') : await import('node:https');
  return new Promise((resolve, reject) => {
    const options = { hostname: base.hostname, port: base.port, path, headers, timeout: TIMEOUT_MS };
    const sent = get(options, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.on('error', reject);
  });
}

/** China's Regions have an address of their own. */
function dnsSuffix(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}

/** S3 signs the path as it is sent, so it is escaped once, here. */
function encodePath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, escapeMark))
    .join('/');
}

function escapeMark(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;
}
