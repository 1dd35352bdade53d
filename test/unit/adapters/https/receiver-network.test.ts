import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { describeFailure } from '../../../../adapters/https/describe-failure.ts';
import { readRetryAfter } from '../../../../adapters/https/read-answer.ts';
import { createReceiverNetwork } from '../../../../adapters/https/receiver-network.ts';

const LOOPBACK = { address: '127.0.0.1', family: 4 };
const PUBLIC = { address: '8.8.8.8', family: 4 };
let server: Server | undefined;

afterEach(() => server?.close());

/** A listener that counts who comes, and says nothing. */
async function listen() {
  const seen = { connections: 0 };
  server = createServer(() => {
    seen.connections += 1;
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { seen, port: (server.address() as AddressInfo).port };
}

describe('a receiver', () => {
  it('whose name leads to a private address is refused before anything is sent', async () => {
    const { seen, port } = await listen();
    const network = createReceiverNetwork({ allowed: [], resolve: async () => [PUBLIC, LOOPBACK] });

    const answer = await network.post({ url: `https://evil.example.com:${port}/`, headers: {}, body: '{}' });

    expect(await network.findForbiddenAddress('evil.example.com')).toBe('127.0.0.1');
    expect(answer).toMatchObject({ kind: 'refused', error: expect.stringContaining('127.0.0.1') });
    expect(seen.connections).toBe(0);
  });

  it('that was public when it was made and is private now is refused', async () => {
    const { seen, port } = await listen();
    const addresses = [PUBLIC, LOOPBACK];
    const network = createReceiverNetwork({ allowed: [], resolve: async () => [addresses.shift()!] });

    const made = await network.findForbiddenAddress('rebound.example.com');
    const answer = await network.post({ url: `https://rebound.example.com:${port}/`, headers: {}, body: '' });

    expect(made).toBeUndefined();
    expect(answer.kind).toBe('refused');
    expect(seen.connections).toBe(0);
  });

  it('is called at the address that was checked, whatever the resolver says next', async () => {
    const { seen, port } = await listen();
    const addresses = [LOOPBACK, PUBLIC];
    const network = createReceiverNetwork({
      ...{ allowed: ['hooks.internal'], timeoutMs: 300 },
      resolve: async () => [addresses.shift()!],
    });

    const answer = await network.post({ url: `https://hooks.internal:${port}/`, headers: {}, body: '' });

    expect(answer).toMatchObject({
      kind: 'unreachable',
      error: "'hooks.internal' did not answer within 0.3 s.",
    });
    expect(seen.connections).toBe(1);
    expect(addresses).toEqual([PUBLIC]);
  });

  it.each(['127.0.0.1', '[::1]', '2130706433', '0x7f.1', '169.254.169.254', '[::ffff:a9fe:a9fe]'])(
    'written as %s is refused like its address',
    async (host) => {
      const answer = await createReceiverNetwork({ allowed: [] }).post({
        ...{ url: `https://${host}/`, headers: {}, body: '' },
      });

      expect(answer.kind).toBe('refused');
    },
  );

  it('without an address yet may be given, and cannot be reached', async () => {
    const unknown = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    const network = createReceiverNetwork({ allowed: [], resolve: unknown });

    const answer = await network.post({ url: 'https://soon.example.com/', headers: {}, body: '' });

    expect(await network.findForbiddenAddress('soon.example.com')).toBeUndefined();
    expect(answer).toMatchObject({ error: "The name 'soon.example.com' could not be resolved." });
  });

  it('whose name takes for ever is given up', async () => {
    const network = createReceiverNetwork({
      ...{ allowed: [], timeoutMs: 50 },
      resolve: () => new Promise(() => undefined),
    });

    const answer = await network.post({ url: 'https://slow.example.com/', headers: {}, body: '' });

    expect(answer).toMatchObject({ kind: 'unreachable', error: expect.stringContaining('within 0.05 s') });
  });
});

describe('describeFailure', () => {
  it.each([
    ['ECONNREFUSED', "'h' refused the connection."],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'not from an authority that is trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not from an authority that is trusted'],
    ['EPROTO', "The call of 'h' failed (EPROTO)."],
  ])('says what %s means', (code, sentence) => {
    expect(describeFailure(Object.assign(new Error('secret detail'), { code }), 'h', 1)).toContain(sentence);
  });

  it('says the first of several addresses, and little of what is unknown', () => {
    const several = new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]);

    expect(describeFailure(several, 'h', 1)).toBe("'h' refused the connection.");
    expect(describeFailure('odd', 'h', 1)).toBe("The call of 'h' failed.");
  });
});

describe('readRetryAfter', () => {
  it.each([
    ['120', 120],
    ['Sun, 01 Mar 2026 12:01:00 GMT', 60],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('takes %s', (header, seconds) => {
    expect(readRetryAfter(header, Date.UTC(2026, 2, 1, 12))).toBe(seconds);
  });
});
