import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A call that the page made to the API behind it. */
export interface PageCall {
  readonly method: string;
  /** As the page wrote it, with the query. */
  readonly path: string;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

export interface PageServerOptions {
  /** MLflow's `server/js/build` folder. */
  readonly buildFolder: string;
  /** Whom the page's calls are handed to. */
  readonly apiUrl: string;
  /** Added to every call: the page itself knows no token. */
  readonly token?: string;
  readonly port?: number;
}

export interface PageServer {
  readonly url: string;
  readonly calls: readonly PageCall[];
  /** Returns when no call has been under way for a second. */
  readonly quiet: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What MLflow's server answers beside files; all else is the page's. */
const API_PATHS =
  /^\/(?:ajax-api\/|api\/|graphql$|get-artifact$|model-versions\/get-artifact$|version$|health$)/;

const QUIET_MS = 1000;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.ico': 'image/x-icon',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

/** Serves MLflow's built pages as its own server does, and hands their calls to another API with a token. */
export async function openPageServer(options: PageServerOptions): Promise<PageServer> {
  const calls: PageCall[] = [];
  let [underWay, lastMs] = [0, Date.now()];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    underWay++;
    const work = API_PATHS.test(pathname)
      ? handOn(request, response, options).then((call) => calls.push(call))
      : serveFile(response, options.buildFolder, pathname);
    work
      .catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(502);
        response.end(String(error));
      })
      .finally(() => {
        underWay--;
        lastMs = Date.now();
      });
  });
  await new Promise<void>((done) => server.listen(options.port ?? 0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    quiet: async () => {
      while (underWay > 0 || Date.now() - lastMs < QUIET_MS) await sleep(QUIET_MS / 10);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

async function handOn(
  request: IncomingMessage,
  response: ServerResponse,
  { apiUrl, token }: PageServerOptions,
): Promise<PageCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { method = 'GET', url: path = '/' } = request;
  const { 'content-type': type, accept } = request.headers;
  const answered = await fetch(`${apiUrl}${path}`, {
    method,
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(accept === undefined ? {} : { accept }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body.length === 0 ? {} : { body }),
  });
  const bytes = Buffer.from(await answered.arrayBuffer());
  const { status } = answered;
  const kept = ['content-type', 'content-disposition', 'x-content-type-options'].flatMap((name) => {
    const value = answered.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  response.writeHead(status, Object.fromEntries(kept)).end(bytes);
  return { method, path, body: body.toString(), status, answer: bytes.toString() };
}

async function serveFile(response: ServerResponse, folder: string, pathname: string): Promise<void> {
  const path = pathname === '/' ? '/index.html' : pathname.replace(/^\/static-files\//, '/');
  const file = join(folder, normalize(path));
  const isServed = pathname === '/' || pathname.startsWith('/static-files/');
  if (!isServed || !file.startsWith(folder) || !existsSync(file)) {
    response.writeHead(404).end('Not Found');
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  await pipeline(createReadStream(file), response);
}
