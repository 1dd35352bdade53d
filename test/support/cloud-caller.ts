import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '../../local/cloud.ts';

export type Role = 'viewer' | 'invoker' | 'scientist' | 'operator' | 'approver' | 'admin';

/** What a version has beside its graph: further files by path, further fields of the registration. */
export interface MoreOfVersion {
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly input?: object;
}

export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with
  readonly body: any;
  readonly headers: Headers;
}

/** Calls of one new tenant on the local cloud, so that a test leaves the other tenants alone. */
export class CloudCaller {
  readonly tenant: string;
  readonly #cloud: Cloud;
  readonly #tokens: Record<Role, string>;

  constructor(cloud: Cloud, tenant: string, tokens: Record<Role, string>) {
    this.#cloud = cloud;
    this.tenant = tenant;
    this.#tokens = tokens;
  }

  static async forNewTenant(cloud: Cloud, prefix: string): Promise<CloudCaller> {
    const name = `${prefix}-${Date.now().toString(36)}`;
    const { body } = await send(cloud.apiUrl, cloud.platformToken, 'POST', '/api/v1/tenants', { name });
    return new CloudCaller(cloud, name, body.tokens);
  }

  /** @param address a path of the API, or an endpoint's own url */
  call(method: string, address: string, body?: unknown, role: Role = 'operator'): Promise<Reply> {
    const origin = address.startsWith('http') ? '' : this.#cloud.apiUrl;
    return send(origin, this.#tokens[role], method, address, body);
  }

  token(role: Role): string {
    return this.#tokens[role];
  }

  /** Repeats a GET until its body is as wished; throws after the time is over. */
  async until(
    path: string,
    isDone: (reply: Reply) => boolean,
    seconds = 120,
    role: Role = 'viewer',
  ): Promise<Reply> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const reply = await this.call('GET', path, undefined, role);
      if (isDone(reply)) return reply;
      if (Date.now() > deadline) throw new Error(`${path} is still ${JSON.stringify(reply.body)}`);
      await sleep(seconds > 60 ? 1000 : 200);
    }
  }

  /** Registers an ONNX file as the model's next version, and waits until it is READY. */
  async register(model: string, graph: Uint8Array, more: MoreOfVersion = {}): Promise<number> {
    const body = await this.submit(model, graph, more);
    if (body.status !== 'READY') throw new Error(JSON.stringify(body));
    return body.version;
  }

  /** Registers an ONNX file, and answers the version as soon as it was checked. */
  async submit(model: string, graph: Uint8Array, { files = {}, input = {} }: MoreOfVersion = {}) {
    await this.call('POST', '/api/v1/models', { name: model });
    const all: Record<string, Uint8Array> = { 'model.onnx': graph, ...files };
    const list = Object.entries(all).map(([path, bytes]) => ({ path, bytes: bytes.length }));
    const upload = await this.call('POST', `/api/v1/models/${model}/uploads`, { files: list });
    for (const { path, url, method, headers } of upload.body.targets) {
      const put = await fetch(url, { method, headers, body: Buffer.from(all[path]!) });
      if (!put.ok) throw new Error(`The upload of ${path} failed with ${put.status}.`);
    }
    const version = { source: { uploadId: upload.body.id }, task: 'classification', ...input };
    const submitted = await this.call('POST', `/api/v1/models/${model}/versions`, version);
    if (submitted.status !== 202) throw new Error(JSON.stringify(submitted.body));
    const path = `/api/v1/models/${model}/versions/${submitted.body.version}`;
    return (await this.until(path, ({ body }) => body.status !== 'CHECKING', 180)).body;
  }

  /** Creates an endpoint, waits until it is IN_SERVICE, and answers its url. */
  async serve(name: string, model: string, input: object = {}): Promise<string> {
    const { status, body } = await this.call('POST', '/api/v1/endpoints', {
      ...{ name, model, version: 1 },
      ...input,
    });
    if (status !== 202) throw new Error(JSON.stringify(body));
    const path = `/api/v1/endpoints/${name}`;
    const settled = await this.until(path, (reply) => reply.body.status !== 'CREATING', 180);
    if (settled.body.status !== 'IN_SERVICE') throw new Error(JSON.stringify(settled.body));
    return settled.body.url;
  }
}

async function send(
  origin: string,
  token: string,
  method: string,
  address: string,
  body?: unknown,
): Promise<Reply> {
  const response = await fetch(`${origin}${address}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}
