import { setTimeout as sleep } from 'node:timers/promises';
import { Gate } from './concurrency.ts';
import { MlflowError, MlflowUnreachableError, readMlflowError } from './mlflow-error.ts';
import { type FileRange, sendFile } from './send-file.ts';

export interface ServerOptions {
  readonly uri: string;
  /** Value of the Authorization header, if the server wants one. */
  readonly authorization?: string | undefined;
  /** Calls and transfers at a time. */
  readonly concurrency: number;
  /** Default: the real clock; tests do not wait. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Call {
  readonly method?: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** Sent as it is, by PUT. */
  readonly file?: FileRange;
  readonly headers?: Readonly<Record<string, string>>;
  /** A creation without a natural key may have happened although its answer was lost; its caller looks first. */
  readonly isRepeatable?: boolean;
  /** Answers after which another way is tried; lost connections do not count. Default: 6. */
  readonly attempts?: number;
}

/** MLflow's client repeats on the same statuses. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);
/** 0.5 + 1 + 2 + 4 + 8 s: longer than a restart behind a load balancer. */
const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
/** A server that throttles for longer than this in a row is not going to let the move through. */
const MAX_THROTTLED_MS = 15 * 60_000;

/** One MLflow server as a move calls it: JSON calls, pages and raw transfers, repeated when that may help. */
export class MlflowServer {
  readonly uri: string;
  readonly #authorization: string | undefined;
  readonly #gate: Gate;
  readonly #sleep: (ms: number) => Promise<unknown>;

  constructor({ uri, authorization, concurrency, sleep: pause = sleep }: ServerOptions) {
    this.uri = uri.replace(/\/+$/, '');
    this.#authorization = authorization;
    this.#gate = new Gate(concurrency);
    this.#sleep = pause;
  }

  /** A call below `/api/2.0/mlflow/`. */
  async call<T>(path: string, call: Call = {}): Promise<T> {
    return this.send(`/api/2.0/mlflow/${path}`, call, async (response) => (await response.json()) as T);
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.call<T>(path, { query });
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>(path, { method: 'POST', body });
  }

  /** All items of a list, page by page. */
  async *pages<T, K extends string>(
    path: string,
    key: K,
    call: { readonly method: 'GET' | 'POST'; readonly input: Readonly<Record<string, unknown>> },
  ): AsyncGenerator<readonly T[]> {
    let page_token: string | undefined;
    do {
      const input = page_token === undefined ? call.input : { ...call.input, page_token };
      const page = await this.call<{ readonly [key in K]?: readonly T[] } & { next_page_token?: string }>(
        path,
        call.method === 'GET' ? { query: input as Query } : { method: 'POST', body: input },
      );
      yield page[key] ?? [];
      // Servers end a list without a token or with an empty one.
      page_token = page.next_page_token === '' ? undefined : page.next_page_token;
    } while (page_token !== undefined);
  }

  /** Sends one request and reads its answer inside of the server's share of connections. */
  async send<T>(path: string, call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    const url = new URL(`${this.uri}${path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      const values = Array.isArray(value) ? value : [value];
      for (const one of values) if (one !== undefined) url.searchParams.append(name, String(one));
    }
    return this.transfer(url, call, read, this.#authorize());
  }

  /** The same for an address that somebody else answers, as presigned ones are; it gets no credentials. */
  transfer<T>(
    url: URL,
    call: Call,
    read: (response: Response) => Promise<T>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    return this.#gate.run(() => this.#attempt(url, call, read, headers));
  }

  #authorize(): Record<string, string> {
    return this.#authorization === undefined ? {} : { authorization: this.#authorization };
  }

  async #attempt<T>(
    url: URL,
    call: Call,
    read: (response: Response) => Promise<T>,
    headers: Readonly<Record<string, string>>,
  ): Promise<T> {
    const { attempts = MAX_ATTEMPTS } = call;
    let throttledMs = 0;
    for (let attempt = 1; ; ) {
      let pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
      try {
        const response =
          call.file === undefined
            ? await fetch(url, toRequest(call, headers))
            : await sendFile(url, { ...headers, ...call.headers }, call.file);
        if (response.ok) return await read(response);
        const error = await readMlflowError(response, url);
        if (!TRANSIENT.has(response.status)) throw error;
        if (response.status === 429) {
          pauseMs = readRetryAfter(response) ?? pauseMs;
          throttledMs += pauseMs;
          if (throttledMs > MAX_THROTTLED_MS) throw error;
        } else if (call.isRepeatable === false || ++attempt > attempts) throw error;
      } catch (cause) {
        if (cause instanceof MlflowError || isOfThisMachine(cause)) throw cause;
        if (call.isRepeatable === false || ++attempt > MAX_ATTEMPTS) {
          throw new MlflowUnreachableError(url, { cause });
        }
      }
      await this.#sleep(pauseMs);
    }
  }
}

function toRequest(call: Call, headers: Readonly<Record<string, string>>): RequestInit {
  const json = call.body === undefined ? {} : { 'content-type': 'application/json' };
  const body = call.body === undefined ? null : JSON.stringify(call.body);
  return { method: call.method ?? 'GET', headers: { ...json, ...headers, ...call.headers }, body };
}

/** A full disk, say, while an answer is written to a file: no server's fault, and no better when repeated. */
function isOfThisMachine(cause: unknown): boolean {
  return ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

/** Seconds or a date. */
function readRetryAfter(response: Response): number | undefined {
  const text = response.headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
