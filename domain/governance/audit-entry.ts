import { createHmac } from 'node:crypto';
import type { PlatformEvent } from '../shared/event.ts';

/**
 * What the write-once audit keeps of an event: who, what, when, which fields changed, and digests by which a
 * value that is still known can be proven; never a value (design 3.11).
 */
export interface AuditEntry {
  readonly eventId: string;
  readonly occurredAt: string;
  readonly tenant: string;
  readonly actor: string;
  readonly action: string;
  readonly resource: string;
  readonly sequence: number;
  readonly requestId: string;
  /** Names of the fields that differ between before and after. */
  readonly changed: readonly string[];
  /** HMAC-SHA256 of each changed field's new JSON under the event's own salt, which is erasable. */
  readonly digests: Readonly<Record<string, string>>;
}

export function toAuditEntry(event: PlatformEvent, salt: string): AuditEntry {
  const { eventId, occurredAt, tenant, actor, resource, sequence, requestId } = event;
  const after = event.after ?? event.data;
  const changed = listChangedFields(event.before ?? {}, after);
  const digest = (field: string) =>
    createHmac('sha256', salt)
      .update(JSON.stringify(after[field] ?? null))
      .digest('hex');
  return {
    eventId,
    occurredAt,
    tenant,
    actor,
    action: `${event.source}.${event.detailType}`,
    resource,
    sequence,
    requestId,
    changed,
    digests: Object.fromEntries(changed.map((field) => [field, digest(field)])),
  };
}

/** Fields whose JSON differs, sorted. */
export function listChangedFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field])).sort();
}

/** `audit/<tenant>/YYYY/MM/DD/<event>.json`: one object an event, so that a repeat writes the same object. */
export function auditObjectKey(entry: Pick<AuditEntry, 'tenant' | 'occurredAt' | 'eventId'>): string {
  return `audit/${entry.tenant}/${entry.occurredAt.slice(0, 10).replaceAll('-', '/')}/${entry.eventId}.json`;
}
