import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { auditObjectKey, toAuditEntry } from '../../../../domain/governance/audit-entry.ts';
import { listAudit } from '../../../../domain/governance/list-audit.ts';
import type { PendingEvent } from '../../../../domain/governance/ports.ts';
import { relayEvent, sweepEvents } from '../../../../domain/governance/relay-event.ts';
import { defineEvent, makeEvent } from '../../../../domain/shared/event.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';

const ModelTouched = defineEvent('perennial.registry', 'ModelTouched', z.object({ owner: z.string() }));

function makePending(overrides: { actor?: string; resource?: string; nowMs?: number } = {}): PendingEvent {
  const { resource = 'models/churn', ...context } = overrides;
  const event = makeEvent(ModelTouched, makeTestContext(context), {
    resource,
    sequence: 2,
    data: { owner: 'ada@example.org' },
    before: { owner: 'bob@example.org', memoryMb: 512 },
    after: { owner: 'ada@example.org', memoryMb: 512 },
  });
  return { event, salt: 'salt' };
}

describe('an audit entry', () => {
  it('names the changed fields and keeps no value', () => {
    const { event } = makePending();

    const entry = toAuditEntry(event, 'salt');

    expect(entry.changed).toEqual(['owner']);
    expect(JSON.stringify(entry)).not.toContain('example.org');
    expect(entry.digests.owner).toBe(createHmac('sha256', 'salt').update('"ada@example.org"').digest('hex'));
  });

  it('falls back on the event’s data where there is no configuration', () => {
    const { before: _b, after: _a, ...event } = makePending().event;

    expect(toAuditEntry(event, 'salt').changed).toEqual(['owner']);
  });

  it('has one object per event, under its tenant and day', () => {
    const { event } = makePending();

    expect(auditObjectKey(event)).toBe(`audit/acme/2026/03/01/${event.eventId}.json`);
  });
});

describe('the relay', () => {
  function makeDependencies(failing?: string) {
    const calls: string[] = [];
    const step = (name: string) => async (entry: unknown) => {
      const { eventId } = (Array.isArray(entry) ? entry[0] : entry) as { eventId: string };
      if (eventId === failing) throw new Error('poisoned');
      calls.push(`${name} ${eventId}`);
    };
    return {
      calls,
      audit: { append: step('audit') },
      bus: { publish: step('bus') },
      markRelayed: step('mark'),
    };
  }

  it('writes the audit, then tells the bus, then marks', async () => {
    const pending = makePending();
    const { calls, audit, bus, markRelayed } = makeDependencies();

    await relayEvent({ audit, bus, outbox: { markRelayed, listPending: async () => [] } }, pending);

    expect(calls.map((call) => call.split(' ')[0])).toEqual(['audit', 'bus', 'mark']);
  });

  it('sweeps what is a minute old and tries all although one fails', async () => {
    const events = [makePending(), makePending(), makePending()];
    const { calls, audit, bus, markRelayed } = makeDependencies(events[1]?.event.eventId);
    let asked = 0;
    const listPending = async (beforeMs: number) => {
      asked = beforeMs;
      return events;
    };

    await expect(sweepEvents({ audit, bus, outbox: { markRelayed, listPending } }, NOON_MS)).rejects.toThrow(
      '1 events',
    );

    expect(asked).toBe(NOON_MS - 60_000);
    expect(calls.filter((call) => call.startsWith('mark'))).toHaveLength(2);
  });

  it('tells how many it swept', async () => {
    const { audit, bus, markRelayed } = makeDependencies();

    const outbox = { markRelayed, listPending: async () => [makePending()] };

    expect(await sweepEvents({ audit, bus, outbox }, NOON_MS)).toBe(1);
  });
});

describe('listAudit', () => {
  async function makeStore() {
    const store = new MemoryStore();
    for (let i = 0; i < 30; i++) {
      const { event } = makePending({
        actor: i === 0 ? 'tok_rare' : 'tok_often',
        resource: i % 2 === 0 ? 'models/churn/versions/1' : 'models/churny',
        nowMs: NOON_MS + i,
      });
      await store.commit([{ emit: event }]);
    }
    return store;
  }

  it('answers newest first and pages to the end', async () => {
    const store = await makeStore();

    const first = await listAudit(store, makeTestContext(), {}, { limit: 20 });
    const rest = await listAudit(store, makeTestContext(), {}, { limit: 20, cursor: first.nextCursor ?? '' });

    expect(first.items).toHaveLength(20);
    expect(rest.items).toHaveLength(10);
    expect(rest.nextCursor).toBeNull();
  });

  it('finds by a resource’s path, not by a name that starts alike', async () => {
    const page = await listAudit(
      await makeStore(),
      makeTestContext(),
      { resource: 'models/churn' },
      { limit: 100 },
    );

    expect(page.items).toHaveLength(15);
  });

  it('answers short with a cursor when an actor is rare', async () => {
    const store = await makeStore();

    const page = await listAudit(store, makeTestContext(), { actor: 'tok_rare' }, { limit: 2 });

    expect(page.items).toHaveLength(0);
    expect(page.nextCursor).not.toBeNull();
  });
});
