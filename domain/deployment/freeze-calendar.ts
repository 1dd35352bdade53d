import { type CallContext, isoTime } from '../shared/call-context.ts';
import { PreconditionFailedError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Key, Store } from '../shared/store.ts';
import type { RolloutTrigger } from './contract.ts';
import { RolloutFrozenError } from './errors.ts';
import { FreezeCalendarChanged } from './events.ts';
import type { FreezeCalendarInput } from './freeze-shapes.ts';
import { type Freeze, findFreezeAt } from './freeze-window.ts';

interface FreezeCalendar extends FreezeCalendarInput {
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

type Tenanted = Pick<CallContext, 'tenant' | 'nowMs'>;

/** Going back is what neither a freeze nor a missing approval may hold up. */
export function isGoingBack(trigger: RolloutTrigger): boolean {
  return trigger === 'rollback' || trigger === 'rejection';
}

function calendarKey(tenant: string): Key {
  return { tenant, kind: 'freeze-calendar', id: 'all' };
}

/** The calendar as the API answers it; empty until somebody sets it. */
export async function getFreezeCalendar(store: Store, context: Tenanted) {
  return toView(await store.get<FreezeCalendar>(calendarKey(context.tenant)), context.nowMs);
}

/** @throws PreconditionFailedError */
export async function putFreezeCalendar(
  store: Store,
  context: CallContext,
  input: FreezeCalendarInput,
  ifMatch?: number,
) {
  const key = calendarKey(context.tenant);
  const current = await store.get<FreezeCalendar>(key);
  const before = current?.revision ?? 0;
  if (ifMatch !== undefined && ifMatch !== before) {
    throw new PreconditionFailedError(
      `The freeze calendar is at revision ${before}, not ${ifMatch}; read it again and repeat the change.`,
    );
  }
  const now = isoTime(context);
  const value: FreezeCalendar = {
    windows: input.windows,
    createdAt: current?.value.createdAt ?? now,
    createdBy: current?.value.createdBy ?? context.actor,
    updatedAt: now,
  };
  const event = makeEvent(FreezeCalendarChanged, context, {
    resource: 'freeze-calendar',
    sequence: before + 1,
    data: { windows: input.windows.length },
    before: current?.value.windows ?? [],
    after: input.windows,
  });
  await store.commit([{ put: key, value, expect: current?.revision ?? 'absent' }, { emit: event }]);
  return toView({ key, value, revision: before + 1 }, context.nowMs);
}

/** The freeze that holds up a rollout of this origin now, if any. */
export async function findFreeze(
  store: Store,
  context: Tenanted,
  trigger: RolloutTrigger,
): Promise<Freeze | undefined> {
  if (isGoingBack(trigger)) return undefined;
  const calendar = await store.get<FreezeCalendar>(calendarKey(context.tenant));
  return calendar && findFreezeAt(calendar.value.windows, context.nowMs);
}

/** @throws RolloutFrozenError */
export async function requireNoFreeze(
  store: Store,
  context: Tenanted,
  trigger: RolloutTrigger,
): Promise<void> {
  const freeze = await findFreeze(store, context, trigger);
  if (freeze !== undefined) throw new RolloutFrozenError(freeze);
}

function toView(item: Item<FreezeCalendar> | undefined, nowMs: number) {
  const windows = item?.value.windows ?? [];
  return {
    windows,
    current: findFreezeAt(windows, nowMs) ?? null,
    createdAt: item?.value.createdAt ?? null,
    createdBy: item?.value.createdBy ?? null,
    updatedAt: item?.value.updatedAt ?? null,
    revision: item?.revision ?? 0,
  };
}
