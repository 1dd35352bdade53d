import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { authenticate, type Claims } from '../../../../domain/access/authenticate.ts';
import { bootstrapInstallation } from '../../../../domain/access/bootstrap-installation.ts';
import { createTenant, listTenants } from '../../../../domain/access/create-tenant.ts';
import {
  createToken,
  listTokens,
  PLATFORM_TENANT,
  revokeToken,
} from '../../../../domain/access/manage-tokens.ts';
import { makeTestContext, makeTestRandomBytes, NOON_MS } from '../../../support/call-context.ts';

const DAY_MS = 86_400_000;
const platformCall = makeTestContext({ tenant: PLATFORM_TENANT, actor: 'tok_platform' });
const acmeAdmin = makeTestContext();
let store: MemoryStore;
let deps: { store: MemoryStore; randomBytes: (size: number) => Uint8Array; seeds: [] };

function authenticationOf(claims?: Claims) {
  return { store, verifyJwt: async () => claims, oidc: { tenantClaim: 'org', rolesClaim: 'groups' } };
}

beforeEach(() => {
  store = new MemoryStore();
  deps = { store, randomBytes: makeTestRandomBytes(), seeds: [] };
});

describe('createTenant', () => {
  it('gives one working token per role', async () => {
    const { tokens } = await createTenant(deps, platformCall, 'acme');

    const approver = await authenticate(authenticationOf(), tokens.approver, NOON_MS);

    expect(approver).toMatchObject({ tenant: 'acme', roles: ['approver'] });
    expect(new Set(Object.values(tokens)).size).toBe(6);
  });

  it('has one winner for a name', async () => {
    await createTenant(deps, platformCall, 'acme');

    await expect(createTenant(deps, platformCall, 'acme')).rejects.toThrow("A tenant 'acme' exists already.");
  });

  it('commits what other capabilities seed, or nothing', async () => {
    const seed = {
      put: { tenant: 'acme', kind: 'experiment', id: '0' },
      value: {},
      expect: 'absent' as const,
    };

    await createTenant({ ...deps, seeds: [() => [seed]] }, platformCall, 'acme');

    expect(await store.get(seed.put)).toBeDefined();
  });

  it('lists tenants for the platform', async () => {
    await createTenant(deps, platformCall, 'acme');

    const page = await listTenants(store, { limit: 10 });

    expect(page.items.map(({ value }) => value.name)).toEqual(['acme']);
  });

  it('tells nobody a secret in its events', async () => {
    const { tokens } = await createTenant(deps, platformCall, 'acme');

    const told = JSON.stringify(store.events);

    for (const token of Object.values(tokens)) expect(told).not.toContain(token);
    expect(store.events.every((event) => event.tenant === 'acme')).toBe(true);
  });
});

describe('tokens', () => {
  const input = { name: 'ci', roles: ['invoker' as const], endpoints: ['flights'], expiresInDays: 30 };

  it('carry their endpoints and end on their day', async () => {
    const { text } = await createToken(deps, acmeAdmin, input);

    const before = await authenticate(authenticationOf(), text, NOON_MS + 29 * DAY_MS);
    const after = await authenticate(authenticationOf(), text, NOON_MS + 30 * DAY_MS);

    expect(before).toMatchObject({ tenant: 'acme', roles: ['invoker'], endpoints: ['flights'] });
    expect(after).toBeUndefined();
  });

  it('are of no use once revoked', async () => {
    const { text, token } = await createToken(deps, acmeAdmin, input);

    await revokeToken(deps, acmeAdmin, token.id);

    expect(await authenticate(authenticationOf(), text, NOON_MS)).toBeUndefined();
    await expect(revokeToken(deps, acmeAdmin, token.id)).rejects.toThrow(`No token '${token.id}'.`);
  });

  it('of another tenant are absent', async () => {
    const { token } = await createToken(deps, acmeAdmin, input);

    await expect(revokeToken(deps, makeTestContext({ tenant: 'other' }), token.id)).rejects.toThrow(
      'No token',
    );
  });

  it('are listed with their last use, to within five minutes', async () => {
    const { text } = await createToken(deps, acmeAdmin, input);

    await authenticate(authenticationOf(), text, NOON_MS + 1000);
    await authenticate(authenticationOf(), text, NOON_MS + 2000);

    const { items } = await listTokens(deps, acmeAdmin, { limit: 10 });
    expect(items[0]?.lastUsedAt).toBe(new Date(NOON_MS + 1000).toISOString());
  });
});

describe('authenticate', () => {
  it.each([undefined, '', 'prn_short', 'a.b', 'a.b.c'])('knows nobody by %s', async (token) => {
    expect(await authenticate(authenticationOf(), token, NOON_MS)).toBeUndefined();
  });

  it.each([
    ['a list', ['viewer', 'staff'], ['viewer']],
    ['a string', 'viewer scientist', ['viewer', 'scientist']],
    ['nothing', undefined, []],
  ])('takes roles from %s of an OIDC token', async (_case, groups, roles) => {
    await createTenant(deps, platformCall, 'acme');

    const principal = await authenticate(
      authenticationOf({ sub: 'u1', org: 'acme', groups }),
      'a.b.c',
      NOON_MS,
    );

    expect(principal).toEqual({ tenant: 'acme', actor: 'oidc:u1', roles });
  });

  it('refuses an OIDC token of a tenant that does not exist, or of none', async () => {
    expect(
      await authenticate(authenticationOf({ sub: 'u1', org: 'ghost' }), 'a.b.c', NOON_MS),
    ).toBeUndefined();
    expect(await authenticate(authenticationOf({ sub: 'u1' }), 'a.b.c', NOON_MS)).toBeUndefined();
  });

  it('passes on a failure of the store while the last use is written', async () => {
    const { text } = await createToken(deps, acmeAdmin, { name: 'x', roles: ['viewer'], expiresInDays: 1 });
    store.commit = async () => {
      throw new Error('throttled');
    };

    await expect(authenticate(authenticationOf(), text, NOON_MS)).rejects.toThrow('throttled');
  });
});

describe('bootstrapInstallation', () => {
  it('shows the platform token once', async () => {
    const first = await bootstrapInstallation(deps, platformCall, false);
    const second = await bootstrapInstallation(deps, platformCall, false);

    const principal = await authenticate(authenticationOf(), first.platformToken ?? undefined, NOON_MS);
    expect(principal?.roles).toEqual(['platform']);
    expect(second.platformToken).toBeNull();
  });

  it('ends the old token when it makes a new one', async () => {
    const first = await bootstrapInstallation(deps, platformCall, false);
    const second = await bootstrapInstallation(deps, platformCall, true);

    expect(await authenticate(authenticationOf(), first.platformToken ?? undefined, NOON_MS)).toBeUndefined();
    expect(await authenticate(authenticationOf(), second.platformToken ?? undefined, NOON_MS)).toBeDefined();
  });
});
