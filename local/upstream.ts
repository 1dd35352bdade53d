import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** The HTTP API behind the front door. */
export interface Upstream {
  /** Hands a request on. @throws when it is not answered in time, or not at all. */
  readonly send: (
    request: IncomingMessage,
    body: Buffer,
    headers: OutgoingHttpHeaders,
  ) => Promise<IncomingMessage>;
  /** Hands a request on to another path of the same origin as it comes in, however large and slow. */
  readonly stream: (
    request: IncomingMessage,
    path: string,
    headers: OutgoingHttpHeaders,
  ) => Promise<IncomingMessage>;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly close: () => void;
}

export interface UpstreamOptions {
  /** Without a slash at the end; the request's own target is appended as it came in. */
  readonly url: string;
  /** The authority that signed the upstream's certificate, as PEM. */
  readonly authority?: string;
  readonly timeoutMs: number;
}

export function makeUpstream(options: UpstreamOptions): Upstream {
  const isTls = options.url.startsWith('https:');
  // As many connections as functions may run at once, and some that wait.
  const agentOptions = { keepAlive: true, maxSockets: 256 };
  const agent = isTls
    ? new HttpsAgent({
        ...agentOptions,
        ...(options.authority === undefined ? {} : { ca: options.authority }),
      })
    : new HttpAgent(agentOptions);
  const open = isTls ? httpsRequest : httpRequest;
  const { origin, protocol, hostname, port, pathname } = new URL(options.url);
  // In parts, as a URL would resolve `%2e%2e/` in a request's target, which is the server's to refuse.
  const target = { agent, protocol, hostname, port };

  function send(
    request: IncomingMessage,
    body: Buffer,
    headers: OutgoingHttpHeaders,
    mayRetry = true,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = open({
        ...target,
        path: `${pathname.replace(/\/$/, '')}${request.url}`,
        method: request.method,
        headers,
      });
      const timer = setTimeout(() => outgoing.destroy(new Error('timeout')), options.timeoutMs);
      outgoing.once('response', resolve);
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        // The other side closed an idle connection at the moment it was taken: nothing was read yet.
        const isStale = mayRetry && outgoing.reusedSocket && error.code === 'ECONNRESET';
        if (isStale) send(request, body, headers, false).then(resolve, reject);
        else reject(error);
      });
      outgoing.once('close', () => clearTimeout(timer));
      outgoing.end(body);
    });
  }

  function stream(
    request: IncomingMessage,
    path: string,
    headers: OutgoingHttpHeaders,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = open({ ...target, path, method: request.method, headers });
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      // A client that goes away in the middle of a body must not leave the other side waiting.
      request.once('aborted', () => outgoing.destroy());
      request.pipe(outgoing);
    });
  }

  return {
    send: (request, body, headers) => send(request, body, headers),
    stream,
    origin,
    close: () => agent.destroy(),
  };
}
