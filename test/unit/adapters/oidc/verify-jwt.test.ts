import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../../adapters/lambda/logger.ts';
import { makeJwtVerifier } from '../../../../adapters/oidc/verify-jwt.ts';

const ISSUER = 'https://login.example';
let server: Server;
let provider: { issuer: string; jwksUri: string; audience: string };
let sign: (
  claims: object,
  options?: { issuer?: string; audience?: string; expires?: string },
) => Promise<string>;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }];
  server = createServer((_request, response) => response.end(JSON.stringify({ keys })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  provider = { issuer: ISSUER, jwksUri: `http://127.0.0.1:${port}/keys`, audience: 'perennial' };
  sign = (claims, { issuer = ISSUER, audience = 'perennial', expires = '5m' } = {}) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(privateKey);
});

afterAll(() => server.close());

describe('the JWT verifier', () => {
  it('answers the claims of a token that holds', async () => {
    const verify = makeJwtVerifier(provider);

    expect(await verify(await sign({ sub: 'u1', org: 'acme' }))).toMatchObject({ sub: 'u1', org: 'acme' });
  });

  it.each([
    ['of another issuer', { issuer: 'https://evil.example' }],
    ['for another audience', { audience: 'somebody-else' }],
    ['that has expired', { expires: '-1m' }],
  ])('knows nobody by a token %s', async (_case, options) => {
    expect(await makeJwtVerifier(provider)(await sign({ sub: 'u1' }, options))).toBeUndefined();
  });

  it.each(['a.b.c', 'not a token'])('knows nobody by %s', async (token) => {
    expect(await makeJwtVerifier(provider)(token)).toBeUndefined();
  });

  it('knows nobody by a token whose signature was changed', async () => {
    const [header, payload, signature = ''] = (await sign({ sub: 'u1' })).split('.');
    const changed = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;

    expect(await makeJwtVerifier(provider)(changed)).toBeUndefined();
  });

  it('verifies nothing without a provider', async () => {
    expect(await makeJwtVerifier(undefined)(await sign({ sub: 'u1' }))).toBeUndefined();
  });

  it('is an error, not a refusal, when the provider cannot be reached', async () => {
    vi.spyOn(logger, 'error').mockReturnValue();
    const verify = makeJwtVerifier({ ...provider, jwksUri: 'http://127.0.0.1:1/keys' });

    await expect(verify(await sign({ sub: 'u1' }))).rejects.toThrow();
  });
});
