import type { CallContext } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Key } from '../shared/store.ts';
import { TokenCreated } from './events.ts';
import { grantKey, PLATFORM_TENANT, type TokenDependencies, type TokenGrant } from './manage-tokens.ts';
import { formatToken, hashToken } from './token.ts';

interface PlatformToken {
  readonly hash: string;
}

export interface Bootstrapped {
  readonly platformToken: string | null;
  readonly reason?: string;
}

const KEY: Key = { tenant: PLATFORM_TENANT, kind: 'platform-token', id: 'current' };
/** The platform token has no end: it is replaced, by whoever may invoke this, not renewed. */
const NEVER = '9999-12-31T23:59:59.999Z';

/** Gives out the installation's platform token once; `replace` ends the old one and gives a new one. */
export async function bootstrapInstallation(
  deps: TokenDependencies,
  context: CallContext,
  replace: boolean,
): Promise<Bootstrapped> {
  const current = await deps.store.get<PlatformToken>(KEY);
  if (current !== undefined && !replace) {
    return {
      platformToken: null,
      reason: 'It was shown before; {"replace": true} ends it and shows a new one.',
    };
  }
  const text = formatToken(deps.randomBytes(32));
  const hash = hashToken(text);
  const tokenId = context.newId('tok');
  const grant: TokenGrant = { tenant: PLATFORM_TENANT, tokenId, roles: ['platform'], expiresAt: NEVER };
  const old = current && (await deps.store.get<TokenGrant>(grantKey(current.value.hash)));
  await deps.store.commit([
    { put: KEY, value: { hash }, expect: current?.revision ?? 'absent' },
    { put: grantKey(hash), value: grant, expect: 'absent' },
    ...(old === undefined ? [] : [{ remove: old.key, expect: old.revision }]),
    {
      emit: makeEvent(TokenCreated, context, {
        resource: `tokens/${tokenId}`,
        sequence: (current?.revision ?? 0) + 1,
        data: { tokenId, name: 'platform', roles: ['platform'] },
      }),
    },
  ]);
  return { platformToken: text };
}
