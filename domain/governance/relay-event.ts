import { toAuditEntry } from './audit-entry.ts';
import type { AuditLog, EventBus, Outbox, PendingEvent } from './ports.ts';

export interface RelayDependencies {
  readonly bus: EventBus;
  readonly audit: AuditLog;
  readonly outbox: Outbox;
}

/**
 * Sends one committed event on: audit first, then the bus, then the mark. Dying between any two repeats what
 * came before, and all three bear repeats: consumers drop a known `eventId`.
 */
export async function relayEvent(deps: RelayDependencies, { event, salt }: PendingEvent): Promise<void> {
  await deps.audit.append(toAuditEntry(event, salt));
  await deps.bus.publish([event]);
  await deps.outbox.markRelayed(event);
}

/** The stream needs some seconds; what is unmarked after a minute was lost on the way. */
const OVERDUE_MS = 60_000;

/**
 * Relays what the stream did not; answers how many. One that fails does not hold up the others.
 *
 * @throws AggregateError of all failures, after every event was tried
 */
export async function sweepEvents(deps: RelayDependencies, nowMs: number): Promise<number> {
  const pending = await deps.outbox.listPending(nowMs - OVERDUE_MS);
  const results: PromiseSettledResult<void>[] = [];
  for (const event of pending) results.push(...(await Promise.allSettled([relayEvent(deps, event)])));
  const failures = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => reason as unknown);
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} events could not be relayed.`);
  return pending.length;
}
