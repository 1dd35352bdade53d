import type { PlatformEvent } from '../shared/event.ts';
import type { AuditEntry } from './audit-entry.ts';

/** An event that waits for the bus, with the salt of its audit digests. */
export interface PendingEvent {
  readonly event: PlatformEvent;
  readonly salt: string;
}

/** The bus everybody listens to. */
export interface EventBus {
  /** Puts events on the bus; throws when any of them was not taken. */
  publish(events: readonly PlatformEvent[]): Promise<void>;
}

/** Write-once storage of audit entries. */
export interface AuditLog {
  /** Writes an entry once; a repeat is no error and changes nothing. */
  append(entry: AuditEntry): Promise<void>;
}

/** The events whose relay has not been marked. */
export interface Outbox {
  markRelayed(event: PlatformEvent): Promise<void>;
  /** Unmarked events that occurred before this time, oldest first, at most 100. */
  listPending(beforeMs: number): Promise<readonly PendingEvent[]>;
}
