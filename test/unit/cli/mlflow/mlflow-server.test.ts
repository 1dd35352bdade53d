import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { forEachConcurrently } from '../../../../cli/mlflow/concurrency.ts';
import { MlflowServer } from '../../../../cli/mlflow/mlflow-server.ts';
import { proxiedPlace } from '../../../../cli/mlflow/proxied-place.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

const folder = mkdtempSync(join(tmpdir(), 'perennial-server-test-'));
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(answer: Answer): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answer(request, response, Buffer.concat(chunks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers with the statuses in turn, then 200. */
function failing(...statuses: number[]): Answer {
  return (_, response) => {
    const status = statuses.shift() ?? 200;
    response.writeHead(status, status === 429 ? { 'retry-after': '3' } : {}).end('{"seen":true}');
  };
}

async function connect(answer: Answer) {
  const pauses: number[] = [];
  const sleep = async (ms: number) => pauses.push(ms);
  const server = new MlflowServer({
    uri: await serve(answer),
    authorization: 'Bearer t',
    concurrency: 2,
    sleep,
  });
  return { server, pauses };
}

describe('a server that is called', () => {
  it('is asked again as late as it wishes', async () => {
    const { server, pauses } = await connect(failing(429, 429));

    const answer = await server.get('runs/get');

    expect(answer).toEqual({ seen: true });
    expect(pauses).toEqual([3000, 3000]);
  });

  it('is asked again ever later when it has trouble, and in the end no more', async () => {
    const { server, pauses } = await connect(failing(503, 500, 502, 504, 500, 503));

    await expect(server.get('runs/get')).rejects.toMatchObject({ status: 503 });
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000]);
  });

  it('is not asked again for what may have been created', async () => {
    const { server, pauses } = await connect(failing(502));

    const create = server.call('runs/create', { method: 'POST', body: {}, isRepeatable: false });

    await expect(create).rejects.toMatchObject({ status: 502, isAmbiguous: true });
    expect(pauses).toEqual([]);
  });

  it('is asked on after a lost connection, also where there would be another way', async () => {
    let calls = 0;
    const { server } = await connect((_, response) => {
      if (++calls < 4) response.destroy();
      else response.end('{"seen":true}');
    });

    const answer = await server.call('runs/get', { attempts: 2 });

    expect(answer).toEqual({ seen: true });
  });

  it('may be throttled also when it creates', async () => {
    const { server } = await connect(failing(429));

    const created = await server.call('runs/create', { method: 'POST', body: {}, isRepeatable: false });

    expect(created).toEqual({ seen: true });
  });

  it.each([
    [404, '<h1>Not Found</h1>', { code: 'ENDPOINT_NOT_FOUND', isEndpointAbsent: true, isAbsent: false }],
    [
      404,
      '{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no run"}',
      { message: 'no run', isAbsent: true },
    ],
    [401, '{"message":"Unauthorized"}', { concernsServer: true, message: 'Unauthorized' }],
  ])('refuses with %i %s', async (status, text, error) => {
    const { server } = await connect((_, response) => response.writeHead(status).end(text));

    await expect(server.get('runs/get')).rejects.toMatchObject(error);
  });

  it('is named when it does not answer', async () => {
    const server = new MlflowServer({ uri: 'http://127.0.0.1:9', concurrency: 1, sleep: async () => {} });

    await expect(server.get('runs/get')).rejects.toThrow(/^http:\/\/127.0.0.1:9 does not answer: /);
  });

  it('answers no more calls at a time than it may', async () => {
    let [now, most] = [0, 0];
    const { server } = await connect((_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now -= 1;
        response.end('{}');
      }, 5);
    });

    await forEachConcurrently(Array.from({ length: 12 }), 6, async () => {
      await server.get('runs/get');
    });

    expect(most).toBe(2);
  });
});

describe('artifacts behind a proxy', () => {
  it('go in parts to presigned addresses, which get no credentials', async () => {
    const parts = new Map<string, Buffer>();
    const seen: (string | undefined)[] = [];
    const storage = await serve((request, response, body) => {
      seen.push(request.headers.authorization);
      parts.set(request.url ?? '', body);
      response.writeHead(200, { etag: `"${request.url}"` }).end();
    });
    let completed: unknown;
    const { server } = await connect((request, response, body) => {
      const { num_parts = 0 } = JSON.parse(String(body)) as { num_parts?: number };
      if (request.url?.includes('/complete/')) completed = JSON.parse(String(body));
      const credentials = Array.from({ length: num_parts }, (_, i) => ({
        url: `${storage}/${i + 1}`,
        part_number: i + 1,
        headers: {},
      }));
      response.end(JSON.stringify({ upload_id: 'u', credentials }));
    });
    const large = join(folder, 'large');
    const bytes = Buffer.alloc(21 * 1024 * 1024, 'some weights ');
    writeFileSync(large, bytes);

    await proxiedPlace(server, '1/run/artifacts').upload('model/weights é.bin', large);

    const sent = Buffer.concat([1, 2, 3].map((part) => parts.get(`/${part}`) ?? Buffer.of()));
    expect(sent.equals(bytes)).toBe(true);
    expect(seen).toEqual([undefined, undefined, undefined]);
    const etags = [1, 2, 3].map((part) => ({
      part_number: part,
      etag: `"/${part}"`,
      url: `${storage}/${part}`,
    }));
    expect(completed).toEqual({ path: 'weights é.bin', upload_id: 'u', parts: etags });
  });
});
