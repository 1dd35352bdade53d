import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { Claims } from '../../domain/access/authenticate.ts';
import { logger } from '../lambda/logger.ts';

export interface OidcProvider {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly audience: string;
}

/**
 * Verifies access tokens of an OIDC provider: signature by its published keys (cached by jose), issuer,
 * audience and times. Without a provider no JWT holds.
 */
export function makeJwtVerifier(
  provider: OidcProvider | undefined,
): (token: string) => Promise<Claims | undefined> {
  if (provider === undefined) return async () => undefined;
  const keys = createRemoteJWKSet(new URL(provider.jwksUri));
  const { issuer, audience } = provider;
  return async (token) => {
    try {
      return (await jwtVerify(token, keys, { issuer, audience })).payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      // A provider that cannot be reached must be told apart from a token that does not hold.
      if (error instanceof errors.JWKSTimeout)
        logger.error('OIDC keys cannot be fetched', { code: error.code });
      return undefined;
    }
  };
}
