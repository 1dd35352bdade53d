import type { CallContext } from '../../domain/shared/call-context.ts';
import type { Role } from '../../domain/shared/principal.ts';
import { makeUlid } from '../../domain/shared/ulid.ts';

/** 2026-03-01, noon: an arbitrary fixed time. */
export const NOON_MS = Date.UTC(2026, 2, 1, 12);

let counter = 0;

/** A call of tenant `acme` at noon; ids count up, so tests can rely on their order. */
export function makeTestContext(
  overrides: Partial<CallContext> & { roles?: readonly Role[] } = {},
): CallContext {
  const { roles = ['admin'], ...rest } = overrides;
  const tenant = rest.tenant ?? 'acme';
  const actor = rest.actor ?? 'tok_alice';
  const nowMs = rest.nowMs ?? NOON_MS;
  return {
    tenant,
    actor,
    nowMs,
    requestId: 'request-1',
    principal: { tenant, actor, roles },
    newId: (prefix) => `${prefix}_${makeUlid(nowMs, countUp())}`,
    ...rest,
  };
}

function countUp(): Uint8Array {
  counter += 1;
  const bytes = new Uint8Array(16);
  for (let rest = counter, i = 15; rest > 0; i--, rest = Math.floor(rest / 32)) bytes[i] = rest % 32;
  return bytes;
}

/** Bytes that are the same in every run; each call gives others. */
export function makeTestRandomBytes(): (size: number) => Uint8Array {
  let seed = 1;
  return (size) =>
    Uint8Array.from({ length: size }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed >>> 24;
    });
}
