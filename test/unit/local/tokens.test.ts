import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Installation } from '../../../local/installation.ts';
import { ensureTokens } from '../../../local/tokens.ts';

/** A platform that knows the tokens it made, and forgets them on demand. */
class Platform {
  accepted = new Set<string>();
  hasPlatformToken = false;
  tenants = 0;
  readonly #server: Server = createServer((request, response) => {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    if (!this.accepted.has(token)) response.writeHead(401).end();
    else if (request.method === 'POST') response.writeHead(201).end(JSON.stringify(this.#createTenant()));
    else response.writeHead(200).end('{}');
  });

  readonly installation: Installation = {
    httpApiId: 'api',
    throttle: undefined,
    makePlatformToken: async ({ replace }) => {
      if (this.hasPlatformToken && !replace) return undefined;
      this.hasPlatformToken = true;
      this.accepted.add('platform');
      return 'platform';
    },
  };

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #createTenant() {
    this.tenants += 1;
    this.accepted.add(`viewer-${this.tenants}`);
    return { name: 'default', tokens: { viewer: `viewer-${this.tenants}` } };
  }
}

let platform: Platform;
let apiUrl: string;
let directory: string;
let file: string;

beforeEach(async () => {
  platform = new Platform();
  apiUrl = await platform.listen();
  directory = await mkdtemp(join(tmpdir(), 'tokens-'));
  file = join(directory, 'state', 'tokens.json');
});

afterEach(async () => {
  platform.close();
  await rm(directory, { recursive: true });
});

describe('ensureTokens', () => {
  it('makes the platform token and the tenant once, readable by their owner only', async () => {
    const first = await ensureTokens(file, apiUrl, platform.installation);
    const second = await ensureTokens(file, apiUrl, platform.installation);

    expect(first).toMatchObject({ platformToken: 'platform', tenants: { default: { viewer: 'viewer-1' } } });
    expect(second).toEqual(first);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('makes both anew when the platform has forgotten them', async () => {
    await ensureTokens(file, apiUrl, platform.installation);
    platform.accepted.clear();
    platform.hasPlatformToken = false;

    const made = await ensureTokens(file, apiUrl, platform.installation);

    expect(made.tenants.default).toEqual({ viewer: 'viewer-2' });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ tenants: made.tenants });
  });

  it('replaces a platform token that nobody has kept', async () => {
    platform.hasPlatformToken = true;

    const made = await ensureTokens(file, apiUrl, platform.installation);

    expect(made.platformToken).toBe('platform');
  });
});
