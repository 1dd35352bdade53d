import type { Principal } from './principal.ts';

/** What a use case may know about the call it serves: no clock, no randomness but through this. */
export interface CallContext {
  readonly tenant: string;
  readonly actor: string;
  readonly requestId: string;
  readonly principal: Principal;
  /** Time of the call, epoch milliseconds. */
  readonly nowMs: number;
  /** A fresh id: the prefix, an underscore and a ULID of `nowMs`. */
  newId(prefix: string): string;
}

/** The call's time as the API writes times. */
export function isoTime(context: Pick<CallContext, 'nowMs'>): string {
  return new Date(context.nowMs).toISOString();
}
