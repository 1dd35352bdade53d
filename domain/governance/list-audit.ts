import type { CallContext } from '../shared/call-context.ts';
import type { PlatformEvent } from '../shared/event.ts';
import type { Page, PageRequest, Store } from '../shared/store.ts';
import { type AuditEntry, toAuditEntry } from './audit-entry.ts';

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly resource?: string | undefined;
}

/** A filtered page may read this many times its limit before it answers short, with a cursor to go on. */
const MAX_READS = 10;

/**
 * The tenant's audit. Filters run over the time index, so a rare actor may answer a short page with a cursor;
 * only a null cursor is the end.
 */
export async function listAudit(
  store: Store,
  context: CallContext,
  filter: AuditFilter,
  page: PageRequest,
): Promise<Page<Omit<AuditEntry, 'digests'>>> {
  const found: PlatformEvent[] = [];
  let cursor = page.cursor;
  for (let reads = 0; reads < MAX_READS; reads++) {
    const read = await store.listEvents(context.tenant, {
      ...page,
      limit: page.limit - found.length,
      cursor,
    });
    found.push(...read.items.filter((event) => matches(event, filter)));
    if (read.nextCursor === null) return { items: found.map(toListed), nextCursor: null };
    cursor = read.nextCursor;
    if (found.length >= page.limit) break;
  }
  return { items: found.map(toListed), nextCursor: cursor ?? null };
}

function matches(event: PlatformEvent, { actor, resource }: AuditFilter): boolean {
  const within =
    resource === undefined || event.resource === resource || event.resource.startsWith(`${resource}/`);
  return within && (actor === undefined || event.actor === actor);
}

function toListed(event: PlatformEvent): Omit<AuditEntry, 'digests'> {
  const { digests: _, ...entry } = toAuditEntry(event, '');
  return entry;
}
