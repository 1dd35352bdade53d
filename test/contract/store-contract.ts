import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AlreadyExistsError, ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import { defineEvent, makeEvent } from '../../domain/shared/event.ts';
import type { Key, Store } from '../../domain/shared/store.ts';
import { makeTestContext, NOON_MS } from '../support/call-context.ts';

const Touched = defineEvent('perennial.registry', 'Touched', z.object({}));

/** What every store must do; run over the in-memory and the DynamoDB one. Each test has its own tenant. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  let store: Store;
  const newTenant = () => `t${randomUUID().slice(0, 8)}`;
  const key = (tenant: string, id: string, part?: string): Key => ({
    tenant,
    kind: 'thing',
    id,
    ...(part ? { part } : {}),
  });

  describe(`the store (${name})`, () => {
    beforeAll(async () => {
      store = await open();
    });

    it('reads its own writes and counts revisions', async () => {
      const thing = key(newTenant(), 'a');
      await store.commit([{ put: thing, value: { n: 1, gone: undefined }, expect: 'absent' }]);
      await store.commit([{ put: thing, value: { n: 2 }, expect: 1 }]);

      const item = await store.get<{ n: number }>(thing);

      expect(item).toEqual({ key: thing, value: { n: 2 }, revision: 2 });
    });

    it('takes numbers as small as computers have them', async () => {
      const thing = key(newTenant(), 'a');
      const value = { pValues: [{ ks: 5e-300 }, { ks: 1e-120 }] };
      await store.commit([{ put: thing, value, expect: 'absent' }]);

      const item = await store.get<typeof value>(thing);

      expect(item?.value.pValues.map(({ ks }) => ks)).toEqual([expect.closeTo(0, 100), 1e-120]);
    });

    it('does not know what is absent or another tenant’s', async () => {
      const thing = key(newTenant(), 'a');
      await store.commit([{ put: thing, value: {}, expect: 'absent' }]);

      expect(await store.get({ ...thing, tenant: newTenant() })).toBeUndefined();
      expect(await store.get({ ...thing, id: 'b' })).toBeUndefined();
    });

    it('reads many items at once, in the order of their keys, and leaves out what is absent', async () => {
      const tenant = newTenant();
      const keys = Array.from({ length: 130 }, (_, at) => key(tenant, 'many', `part#${at}`));
      for (let at = 0; at < keys.length; at += 65)
        await store.commit(
          keys.slice(at, at + 65).map((put, n) => ({ put, value: { n: at + n }, expect: 'absent' })),
        );
      const asked = [key(tenant, 'none'), ...keys.toReversed(), keys[7] as Key];

      const found = await store.getMany<{ n: number }>(asked);

      expect(found.map(({ value }) => value.n)).toEqual([...keys.keys()].toReversed().concat(7));
      expect(await store.getMany([])).toEqual([]);
    });

    it('has one winner when two create the same thing', async () => {
      const thing = key(newTenant(), 'a');
      const create = () => store.commit([{ put: thing, value: {}, expect: 'absent' }]);

      const results = await Promise.allSettled([create(), create()]);

      const refusals = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
      expect(refusals).toHaveLength(1);
      expect(refusals[0] instanceof AlreadyExistsError || refusals[0] instanceof ConcurrentChangeError).toBe(
        true,
      );
    });

    it('tells which item was in the way and changes nothing', async () => {
      const tenant = newTenant();
      await store.commit([{ put: key(tenant, 'b'), value: {}, expect: 'absent' }]);

      const commit = store.commit([
        { put: key(tenant, 'a'), value: {}, expect: 'absent' },
        { put: key(tenant, 'b'), value: {}, expect: 'absent' },
      ]);

      await expect(commit).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
        details: { key: key(tenant, 'b') },
      });
      expect(await store.get(key(tenant, 'a'))).toBeUndefined();
    });

    it.each(['put', 'remove', 'check'] as const)(
      'refuses to %s at another revision than the one read',
      async (what) => {
        const thing = key(newTenant(), 'a');
        await store.commit([{ put: thing, value: {}, expect: 'absent' }]);
        const change = { put: { put: thing, value: {} }, remove: { remove: thing }, check: { check: thing } }[
          what
        ];

        const commit = store.commit([{ ...change, expect: 7 } as never]);

        await expect(commit).rejects.toBeInstanceOf(ConcurrentChangeError);
      },
    );

    it('removes', async () => {
      const thing = key(newTenant(), 'a');
      await store.commit([{ put: thing, value: {}, expect: 'absent' }]);

      await store.commit([{ remove: thing, expect: 1 }]);

      expect(await store.get(thing)).toBeUndefined();
    });

    it('lists the parts of one thing in either order, by prefix, without the thing itself', async () => {
      const tenant = newTenant();
      const put = (part?: string) => ({
        put: key(tenant, 'a', part),
        value: part ?? 'root',
        expect: 'absent' as const,
      });
      await store.commit([put(), put('version#000001'), put('version#000002'), put('alias#x')]);
      const partition = { tenant, kind: 'thing', id: 'a' };

      const newest = await store.listParts(partition, 'version#', { limit: 1 });
      const older = await store.listParts(partition, 'version#', {
        limit: 1,
        cursor: newest.nextCursor ?? '',
      });
      const all = await store.listParts(partition, '', { limit: 10, ascending: true });

      expect(newest.items.map(({ value }) => value)).toEqual(['version#000002']);
      expect(older.items.map(({ value }) => value)).toEqual(['version#000001']);
      expect(all.items.map(({ value }) => value)).toEqual(['alias#x', 'version#000001', 'version#000002']);
    });

    it('lists what is placed, newest first, from a time to a time, page by page', async () => {
      const tenant = newTenant();
      const at = (i: number) => new Date(NOON_MS + i * 1000).toISOString();
      const changes = [0, 1, 2, 3].map((i) => ({
        put: key(tenant, `a${i}`),
        value: i,
        expect: 'absent' as const,
        placement: { list: 'things', sort: at(i) },
      }));
      await store.commit(changes);

      const first = await store.list(tenant, 'things', { limit: 3 });
      const second = await store.list(tenant, 'things', { limit: 3, cursor: first.nextCursor ?? '' });
      const range = await store.list(tenant, 'things', { limit: 10, from: at(1), to: at(3) });

      expect(first.items.map(({ value }) => value)).toEqual([3, 2, 1]);
      expect(second.items.map(({ value }) => value)).toEqual([0]);
      expect(second.nextCursor).toBeNull();
      expect(range.items.map(({ value }) => value)).toEqual([2, 1]);
    });

    it('says that a page is the last although it is exactly full', async () => {
      const tenant = newTenant();
      const put = (id: string, part?: string) => {
        const placement = { list: 'things', sort: id };
        return { put: key(tenant, id, part), value: id, expect: 'absent' as const, placement };
      };
      await store.commit([put('a'), put('b'), put('c', 'part1'), put('c', 'part2')]);

      const list = await store.list(tenant, 'things', { limit: 4 });
      const parts = await store.listParts({ tenant, kind: 'thing', id: 'c' }, 'part', { limit: 2 });

      expect([list.items.length, list.nextCursor]).toEqual([4, null]);
      expect([parts.items.length, parts.nextCursor]).toEqual([2, null]);
    });

    it('keeps the events of a commit that happened, and none of one that did not', async () => {
      const context = makeTestContext({ tenant: newTenant() });
      const emit = makeEvent(Touched, context, { resource: 'things/a', sequence: 1, data: {} });
      const lost = makeEvent(Touched, context, { resource: 'things/b', sequence: 1, data: {} });
      const thing = key(context.tenant, 'a');
      await store.commit([{ put: thing, value: {}, expect: 'absent' }, { emit }]);

      await expect(
        store.commit([{ put: thing, value: {}, expect: 'absent' }, { emit: lost }]),
      ).rejects.toThrow();

      const { items } = await store.listEvents(context.tenant, { limit: 10 });
      expect(items).toEqual([emit]);
    });
  });
}
