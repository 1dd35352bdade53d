import type { Principal } from './principal.ts';

/** Whether the use case has found a permission that makes up for the role. */
export interface PermissionProof {
  given: boolean;
}

/** What a use case may know about the call it serves: no clock, no randomness but through this. */
export interface CallContext {
  readonly tenant: string;
  readonly actor: string;
  readonly requestId: string;
  readonly principal: Principal;
  /** There when the caller's role is too low for the call: a permission on the object must make up for it. */
  readonly proof?: PermissionProof | undefined;
  /** Time of the call, epoch milliseconds. */
  readonly nowMs: number;
  /** A fresh id: the prefix, an underscore and a ULID of `nowMs`. */
  newId(prefix: string): string;
}

/** The call's time as the API writes times. */
export function isoTime(context: Pick<CallContext, 'nowMs'>): string {
  return new Date(context.nowMs).toISOString();
}
