import { ConcurrentChangeError } from '../shared/domain-error.ts';
import { type Principal, ROLES, type Role } from '../shared/principal.ts';
import type { Item, Store } from '../shared/store.ts';
import { tenantKey } from './create-tenant.ts';
import { grantKey, type TokenGrant } from './manage-tokens.ts';
import { hashToken, isTokenShaped } from './token.ts';

/** Claims of a verified OIDC token; the adapter checks signature, issuer, audience and times. */
export type Claims = Readonly<Record<string, unknown>>;

export interface OidcSettings {
  readonly tenantClaim: string;
  readonly rolesClaim: string;
}

export interface AuthenticationDependencies {
  readonly store: Store;
  /** Verifies a JWT; undefined when it does not hold or no provider is configured. */
  readonly verifyJwt: (token: string) => Promise<Claims | undefined>;
  readonly oidc: OidcSettings;
}

/** `lastUsedAt` is written at most this often per token: five minutes are fresh enough for an audit. */
const LAST_USED_STEP_MS = 5 * 60_000;

/** Who a token stands for, or undefined: unknown, expired, revoked and malformed are one answer. */
export async function authenticate(
  deps: AuthenticationDependencies,
  token: string | undefined,
  nowMs: number,
): Promise<Principal | undefined> {
  if (token === undefined) return undefined;
  if (isTokenShaped(token)) return byPersonalToken(deps.store, token, nowMs);
  if (token.split('.').length !== 3) return undefined;
  const claims = await deps.verifyJwt(token);
  return claims && byClaims(deps, claims);
}

async function byPersonalToken(store: Store, token: string, nowMs: number): Promise<Principal | undefined> {
  const grant = await store.get<TokenGrant>(grantKey(hashToken(token)));
  if (grant === undefined || Date.parse(grant.value.expiresAt) <= nowMs) return undefined;
  await recordUse(store, grant, nowMs);
  const { tenant, tokenId, roles, endpoints } = grant.value;
  return { tenant, actor: tokenId, roles, ...(endpoints === undefined ? {} : { endpoints }) };
}

async function recordUse(store: Store, grant: Item<TokenGrant>, nowMs: number): Promise<void> {
  const lastUsedMs = Date.parse(grant.value.lastUsedAt ?? '1970-01-01T00:00:00.000Z');
  if (nowMs - lastUsedMs < LAST_USED_STEP_MS) return;
  const value = { ...grant.value, lastUsedAt: new Date(nowMs).toISOString() };
  const expiresAtMs = Date.parse(grant.value.expiresAt);
  // Whoever else wrote the same minute was as right; a revoked grant must not come back.
  await store
    .commit([{ put: grant.key, value, expect: grant.revision, expiresAtMs }])
    .catch((error: unknown) => {
      if (!(error instanceof ConcurrentChangeError)) throw error;
    });
}

async function byClaims(
  { store, oidc }: AuthenticationDependencies,
  claims: Claims,
): Promise<Principal | undefined> {
  const tenant = claims[oidc.tenantClaim];
  const subject = claims.sub;
  if (typeof tenant !== 'string' || typeof subject !== 'string') return undefined;
  if ((await store.get(tenantKey(tenant))) === undefined) return undefined;
  return { tenant, actor: `oidc:${subject}`, roles: readRoles(claims[oidc.rolesClaim]) };
}

/** A list, or a string with spaces or commas; other groups of the provider are none of ours. */
function readRoles(claim: unknown): Role[] {
  const names = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(/[\s,]+/) : [];
  return names.filter((name): name is Role => ROLES.includes(name as Role));
}
