import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '../../local/cloud.ts';

type Role = 'viewer' | 'invoker' | 'scientist' | 'operator' | 'approver' | 'admin';

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

  /** Repeats a GET until its body is as wished; throws after the time is over. */
  async until(path: string, isDone: (reply: Reply) => boolean, seconds = 60): Promise<Reply> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const reply = await this.call('GET', path, undefined, 'viewer');
      if (isDone(reply)) return reply;
      if (Date.now() > deadline) throw new Error(`${path} is still ${JSON.stringify(reply.body)}`);
      await sleep(200);
    }
  }

  /** Registers an ONNX file as the model's next version, and waits until it is READY. */
  async register(model: string, graph: Uint8Array): Promise<number> {
    await this.call('POST', '/api/v1/models', { name: model });
    const files = [{ path: 'model.onnx', bytes: graph.length }];
    const upload = await this.call('POST', `/api/v1/models/${model}/uploads`, { files });
    const [target] = upload.body.targets;
    await fetch(target.url, { method: 'PUT', headers: target.headers, body: Buffer.from(graph) });
    const input = { source: { uploadId: upload.body.id }, task: 'classification' };
    const { body } = await this.call('POST', `/api/v1/models/${model}/versions`, input);
    const path = `/api/v1/models/${model}/versions/${body.version}`;
    const version = await this.until(path, (reply) => reply.body.status !== 'CHECKING');
    if (version.body.status !== 'READY') throw new Error(JSON.stringify(version.body));
    return body.version;
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
