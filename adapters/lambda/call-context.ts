import { randomBytes } from 'node:crypto';
import type { CallContext } from '../../domain/shared/call-context.ts';
import type { Principal } from '../../domain/shared/principal.ts';
import { makeUlid } from '../../domain/shared/ulid.ts';

/** A fresh id such as `rol_01J…`; ids of one millisecond are not ordered among themselves. */
export function newId(prefix: string, timeMs: number = Date.now()): string {
  return `${prefix}_${makeUlid(timeMs, randomBytes(16))}`;
}

/** The context of an API call. */
export function makeCallContext(principal: Principal, requestId: string): CallContext {
  const nowMs = Date.now();
  return {
    tenant: principal.tenant,
    actor: principal.actor,
    principal,
    requestId,
    nowMs,
    newId: (prefix) => newId(prefix, nowMs),
  };
}

/**
 * The context of work nobody called for: a schedule, an event, a state of a workflow.
 *
 * @param actor whoever caused it (the event's or execution's actor), or `system:<function>`
 */
export function makeSystemContext(tenant: string, actor: string, requestId: string): CallContext {
  return makeCallContext({ tenant, actor, roles: [], system: true }, requestId);
}
