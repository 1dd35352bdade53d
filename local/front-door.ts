import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import {
  accountThrottle,
  type GatewayRefusal,
  integrationTimeoutMs,
  makeThrottle,
  maxBodyBytes,
  refuseBody,
  refuseHead,
  type ThrottleSettings,
  tooLarge,
  tooManyRequests,
  unavailable,
} from './gateway-limits.ts';
import { makeStoragePassage, type StoragePassage } from './storage-passage.ts';
import { makeUpstream, type Upstream } from './upstream.ts';

export interface FrontDoorOptions {
  readonly port: number;
  /** Where the HTTP API's `$default` stage answers, without a slash at the end. */
  readonly upstreamUrl: string;
  /** The authority that signed the upstream's certificate, as PEM. */
  readonly authority?: string;
  /** The stage's throttle. @default the account's: 10,000 requests a second, bursts of 5,000 */
  readonly throttle?: ThrottleSettings;
  /** @default 30,000, API Gateway's own */
  readonly timeoutMs?: number;
}

export interface FrontDoor {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Headers that belong to one connection and are not handed on (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Opens the address that clients use: it hands requests to the deployed HTTP API and imposes what API Gateway
 * imposes, so that nothing works on a laptop and fails on AWS.
 */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const upstream = makeUpstream({
    url: options.upstreamUrl,
    timeoutMs: options.timeoutMs ?? integrationTimeoutMs,
    ...(options.authority === undefined ? {} : { authority: options.authority }),
  });
  const passage = makeStoragePassage(upstream);
  const passes = makeThrottle(options.throttle ?? accountThrottle, Date.now);
  // Above API Gateway's limit, so that its own answer can be given instead of Node's bare one.
  const server = createServer(
    { maxHeaderSize: 128 * 1024, keepAliveTimeout: 75_000 },
    (request, response) => {
      if (passage.isTaken(request)) {
        passage.handle(request, response).catch(() => refuse(request, response, unavailable));
        return;
      }
      const refusal = passes() ? refuseHead(request) : tooManyRequests;
      if (refusal !== undefined) refuse(request, response, refusal);
      else
        handle(request, response, { upstream, passage }).catch(() => refuse(request, response, unavailable));
    },
  );
  const port = await listen(server, options.port);
  return { url: `http://127.0.0.1:${port}`, close: () => close(server, upstream) };
}

interface Behind {
  readonly upstream: Upstream;
  readonly passage: StoragePassage;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { upstream, passage }: Behind,
): Promise<void> {
  const body = await readBody(request);
  const refusal = body === undefined ? tooLarge : refuseBody(body, request.headers['content-type']);
  if (body === undefined || refusal !== undefined) return refuse(request, response, refusal ?? tooLarge);
  const answer = await upstream.send(request, body, forwardedHeaders(request, body));
  const published = await passage.publish(answer, request.headers.host ?? '');
  response.writeHead(answer.statusCode ?? 502, withoutHopByHop(published.headers));
  if (published.body !== undefined) {
    response.end(published.body);
    return;
  }
  answer.pipe(response);
  answer.once('error', () => response.destroy());
}

/** The whole body; undefined as soon as it is above the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function forwardedHeaders(request: IncomingMessage, body: Buffer): OutgoingHttpHeaders {
  const address = request.socket.remoteAddress ?? '127.0.0.1';
  const before = request.headers['x-forwarded-for'];
  return {
    ...withoutHopByHop(request.headers),
    'content-length': body.length,
    'x-forwarded-for': before === undefined ? address : `${before}, ${address}`,
    'x-forwarded-port': String(request.socket.localPort),
    'x-forwarded-proto': 'http',
  };
}

function withoutHopByHop(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}

function refuse(request: IncomingMessage, response: ServerResponse, refusal: GatewayRefusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify({ message: refusal.message });
  // The rest of a refused body is read and dropped, else the client never gets to read the answer.
  request.resume();
  const headers = { 'content-type': 'application/json', 'content-length': body.length, connection: 'close' };
  response.writeHead(refusal.status, headers).end(body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, () => resolve((server.address() as { port: number }).port));
  });
}

function close(server: Server, upstream: Upstream): Promise<void> {
  upstream.close();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
