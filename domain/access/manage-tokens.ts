import { type CallContext, isoTime } from '../shared/call-context.ts';
import { NotFoundError } from '../shared/domain-error.ts';
import { type EventInput, makeEvent } from '../shared/event.ts';
import type { Role } from '../shared/principal.ts';
import type { Change, Item, Key, Page, PageRequest, Store } from '../shared/store.ts';
import { TokenCreated, TokenRevoked } from './events.ts';
import { formatToken, hashToken } from './token.ts';

/** A token's record in its tenant: all but the secret. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly endpoints?: readonly string[] | undefined;
  readonly hash: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly expiresAt: string;
}

/** What the authorizer finds under a token's hash. */
export interface TokenGrant {
  readonly tenant: string;
  readonly tokenId: string;
  readonly roles: readonly (Role | 'platform')[];
  readonly endpoints?: readonly string[] | undefined;
  readonly expiresAt: string;
  readonly lastUsedAt?: string | undefined;
}

export interface TokenInput {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly endpoints?: readonly string[] | undefined;
  readonly expiresInDays: number;
}

export interface TokenDependencies {
  readonly store: Store;
  /** Cryptographic randomness. */
  readonly randomBytes: (size: number) => Uint8Array;
}

/** Tenant name under which the installation's own items live; `_` is outside the tenants' alphabet. */
export const PLATFORM_TENANT = '_platform';
const DAY_MS = 24 * 3600 * 1000;

/** Where the authorizer looks a token up: by hash, before the tenant is known. */
export function grantKey(hash: string): Key {
  return { tenant: PLATFORM_TENANT, kind: 'token-grant', id: hash };
}

function tokenKey(tenant: string, id: string): Key {
  return { tenant, kind: 'token', id };
}

/** Creates a token; the text is in the answer and nowhere else. */
export async function createToken(deps: TokenDependencies, context: CallContext, input: TokenInput) {
  const made = issueToken(deps, context, context.tenant, input);
  await deps.store.commit(made.changes);
  return { token: made.token, text: made.text };
}

/** The changes that give a tenant a new token, for callers that commit more with it. */
export function issueToken(
  deps: Pick<TokenDependencies, 'randomBytes'>,
  context: CallContext,
  tenant: string,
  input: TokenInput,
) {
  const text = formatToken(deps.randomBytes(32));
  const { name, roles, endpoints } = input;
  const createdAt = isoTime(context);
  const expiresAtMs = context.nowMs + input.expiresInDays * DAY_MS;
  const token: Token = {
    id: context.newId('tok'),
    name,
    roles,
    endpoints,
    hash: hashToken(text),
    createdAt,
    createdBy: context.actor,
    updatedAt: createdAt,
    expiresAt: new Date(expiresAtMs).toISOString(),
  };
  const grant: TokenGrant = { tenant, tokenId: token.id, roles, endpoints, expiresAt: token.expiresAt };
  const changes: Change[] = [
    {
      put: tokenKey(tenant, token.id),
      value: token,
      expect: 'absent',
      placement: { list: 'tokens', sort: createdAt },
      expiresAtMs,
    },
    { put: grantKey(token.hash), value: grant, expect: 'absent', expiresAtMs },
    { emit: makeEvent(TokenCreated, { ...context, tenant }, tokenEvent(token, 1)) },
  ];
  return { text, token, changes };
}

/** Ends a token: the authorizer's cache may still know it for 60 s. */
export async function revokeToken(
  { store }: Pick<TokenDependencies, 'store'>,
  context: CallContext,
  id: string,
): Promise<void> {
  const item = await store.get<Token>(tokenKey(context.tenant, id));
  if (item === undefined) throw new NotFoundError('token', id);
  const grant = await store.get<TokenGrant>(grantKey(item.value.hash));
  await store.commit([
    { remove: item.key, expect: item.revision },
    ...(grant === undefined ? [] : [{ remove: grant.key, expect: grant.revision }]),
    { emit: makeEvent(TokenRevoked, context, tokenEvent(item.value, item.revision + 1)) },
  ]);
}

/** The tenant's tokens with their last use, newest first. */
export async function listTokens(
  { store }: Pick<TokenDependencies, 'store'>,
  context: CallContext,
  page: PageRequest,
) {
  const found: Page<Item<Token>> = await store.list<Token>(context.tenant, 'tokens', page);
  const items = await Promise.all(
    found.items.map(async ({ value, revision }) => {
      const grant = await store.get<TokenGrant>(grantKey(value.hash));
      return { ...value, revision, lastUsedAt: grant?.value.lastUsedAt };
    }),
  );
  return { items, nextCursor: found.nextCursor };
}

function tokenEvent(token: Token, sequence: number): EventInput<typeof TokenCreated.data> {
  const { id, name, roles } = token;
  return { resource: `tokens/${id}`, sequence, data: { tokenId: id, name, roles: [...roles] } };
}
