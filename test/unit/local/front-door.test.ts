import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type FrontDoor, type FrontDoorOptions, openFrontDoor } from '../../../local/front-door.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
}

const seen: Seen[] = [];
let upstream: Server;
let door: FrontDoor;

const origin = ({ socket }: IncomingMessage) => `http://${socket.localAddress}:${socket.localPort}`;

async function open(options: Partial<FrontDoorOptions> = {}, delayMs = 0): Promise<string> {
  upstream = createServer(async (request, response) => {
    let bytes = 0;
    for await (const chunk of request) bytes += (chunk as Buffer).length;
    seen.push({ method: request.method, url: request.url, headers: request.headers, bytes });
    if (request.url?.endsWith('/download')) {
      response.writeHead(302, { location: `${origin(request)}/bucket/key?X-Amz-Signature=1` }).end();
      return;
    }
    if (request.url?.endsWith('/addresses')) {
      const signed = `${origin(request)}/bucket/key?partNumber=1&X-Amz-Signature=1`;
      const body = JSON.stringify({ signed, other: `${origin(request)}/queue` });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      return;
    }
    setTimeout(
      () => response.writeHead(201, { 'x-from': 'upstream', 'set-cookie': ['a=1', 'b=2'] }).end('yes'),
      delayMs,
    );
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const { port } = upstream.address() as { port: number };
  door = await openFrontDoor({ port: 0, upstreamUrl: `http://127.0.0.1:${port}/api/$default`, ...options });
  return door.url;
}

afterEach(async () => {
  await door.close();
  upstream.closeAllConnections();
  upstream.close();
  seen.length = 0;
});

describe('front door', () => {
  it('hands method, undecoded target, headers and body on, and the answer back', async () => {
    const url = await open();

    const answer = await fetch(`${url}/a%2Fb?q=%20`, {
      method: 'PUT',
      body: 'abc',
      headers: { 'x-mine': '1' },
    });

    expect([answer.status, answer.headers.get('x-from'), await answer.text()]).toEqual([
      201,
      'upstream',
      'yes',
    ]);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(seen[0]).toMatchObject({ method: 'PUT', url: '/api/$default/a%2Fb?q=%20', bytes: 3 });
    expect(seen[0]?.headers).toMatchObject({
      'x-mine': '1',
      host: new URL(url).host,
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '127.0.0.1',
    });
  });

  it('leaves it to the other side to refuse a target that climbs', async () => {
    const url = await open();

    await new Promise<void>((resolve) => {
      const { hostname, port } = new URL(url);
      httpRequest({ hostname, port, path: '/a/%2e%2e/b' }, (answer) =>
        answer.resume().on('end', resolve),
      ).end();
    });

    expect(seen[0]?.url).toBe('/api/$default/a/%2e%2e/b');
  });

  it("leads to the upstream's own storage, whose certificate clients do not know", async () => {
    const url = await open();

    const answer = await fetch(`${url}/download`, {
      headers: { authorization: 'Bearer x', range: 'bytes=0-1' },
    });

    expect([answer.status, answer.redirected, await answer.text()]).toEqual([201, true, 'yes']);
    expect(answer.url).toBe(`${url}/_s3/bucket/key?X-Amz-Signature=1`);
    const { url: target, headers } = seen[1]!;
    expect(target).toBe('/bucket/key?X-Amz-Signature=1');
    expect([headers.authorization, headers.range]).toEqual([undefined, 'bytes=0-1']);
    expect(headers.host).not.toBe(new URL(url).host);
  });

  it('names itself in answers that hold presigned addresses, and takes what is sent there', async () => {
    const url = await open();

    const answer = await fetch(`${url}/addresses`);
    const { signed, other } = (await answer.json()) as { signed: string; other: string };
    const sent = await fetch(signed, { method: 'PUT', body: Buffer.alloc(11 * 1024 * 1024) });

    expect(signed).toBe(`${url}/_s3/bucket/key?partNumber=1&X-Amz-Signature=1`);
    expect(other).not.toContain(url);
    expect(sent.status).toBe(201);
    expect(seen.at(-1)).toMatchObject({ method: 'PUT', bytes: 11 * 1024 * 1024 });
  });

  it('lets nobody pass to the storage without a signature', async () => {
    const url = await open();

    await fetch(`${url}/_s3/bucket/key`);

    expect(seen.map(({ url: target }) => target)).toEqual(['/api/$default/_s3/bucket/key']);
  });

  it('answers 413 to a declared body above 10 MB without reading it', async () => {
    const url = await open();

    const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });

    expect([answer.status, await answer.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    expect(seen).toEqual([]);
  });

  it('answers 413 to a chunked body above 10 MB', async () => {
    const url = await open();
    const chunks = Array.from({ length: 11 }, () => new Uint8Array(1024 * 1024));

    const answer = await fetch(url, { method: 'POST', body: ReadableStream.from(chunks), duplex: 'half' });

    expect(answer.status).toBe(413);
  });

  it('answers 413 to a body that Lambda would refuse as base64', async () => {
    const url = await open();

    const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(5 * 1024 * 1024) });

    expect(answer.status).toBe(413);
  });

  it('answers 431 to more than 10,240 bytes of request line and headers', async () => {
    const url = await open();

    const statuses = await Promise.all(
      [9_500, 10_200].map((length) => statusWithHeader(url, 'a'.repeat(length))),
    );

    expect(statuses).toEqual([201, 431]);
  });

  it('answers 429 above the throttle', async () => {
    const url = await open({ throttle: { requestsPerSecond: 0.001, burst: 1 } });

    const statuses = [(await fetch(url)).status, (await fetch(url)).status];

    expect(statuses).toEqual([201, 429]);
  });

  it('answers 503 when the integration takes too long', async () => {
    const url = await open({ timeoutMs: 50 }, 500);

    const answer = await fetch(url);

    expect([answer.status, await answer.json()]).toEqual([503, { message: 'Service Unavailable' }]);
  });

  it('answers 503 when nobody is behind it', async () => {
    const url = await open({ upstreamUrl: 'http://127.0.0.1:1' });

    const answer = await fetch(url);

    expect(answer.status).toBe(503);
  });
});

function statusWithHeader(url: string, value: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers: { 'x-long': value } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.once('error', reject).end();
  });
}
