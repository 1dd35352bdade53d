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
  /**
   * The answer behind a redirect to the emulator itself (a presigned address of S3), any other answer as it is:
   * its certificate is unknown to clients such as MLflow's, which S3's is not.
   */
  readonly follow: (answer: IncomingMessage) => Promise<IncomingMessage>;
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
  const { origin } = new URL(options.url);

  function send(
    request: IncomingMessage,
    body: Buffer,
    headers: OutgoingHttpHeaders,
    mayRetry = true,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = open(`${options.url}${request.url}`, { agent, method: request.method, headers });
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

  function follow(answer: IncomingMessage): Promise<IncomingMessage> {
    const { location = '' } = answer.headers;
    const isRedirect = answer.statusCode === 302 || answer.statusCode === 307;
    if (!isRedirect || !location.startsWith(`${origin}/`)) return Promise.resolve(answer);
    answer.resume();
    return new Promise((resolve, reject) => {
      open(location, { agent }, resolve).once('error', reject).end();
    });
  }

  return {
    send: (request, body, headers) => send(request, body, headers),
    follow,
    close: () => agent.destroy(),
  };
}
