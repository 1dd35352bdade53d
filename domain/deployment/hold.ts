import type { CallContext } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import type { PauseReason } from './contract.ts';
import { findFreeze } from './freeze-calendar.ts';
import type { Rollout } from './rollout.ts';

/** Why a rollout makes no move now, whatever the judge would say; harm ends it all the same. */
export interface Hold {
  readonly pauseReason: Exclude<PauseReason, 'NO_DATA'>;
  readonly reason: string;
}

/** The operator's pause comes first, since only the operator ends it; the calendar's end comes by itself. */
export async function findHold(
  store: Store,
  context: CallContext,
  rollout: Rollout,
): Promise<Hold | undefined> {
  if (rollout.pauseReason === 'OPERATOR') {
    return { pauseReason: 'OPERATOR', reason: 'No harm so far; the weight is held.' };
  }
  if (rollout.awaiting) return { pauseReason: 'APPROVAL', reason: rollout.awaiting.reason };
  const freeze = await findFreeze(store, context, rollout.trigger);
  if (freeze === undefined) return undefined;
  return { pauseReason: 'FREEZE', reason: `Changes are frozen until ${freeze.to}: ${freeze.reason}.` };
}
