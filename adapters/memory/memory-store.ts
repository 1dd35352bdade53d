import { AlreadyExistsError, ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import {
  type Change,
  formatKey,
  type Item,
  type Key,
  type Page,
  type PageRequest,
  type Placement,
  type Store,
} from '../../domain/shared/store.ts';

interface Row {
  readonly item: Item<unknown>;
  readonly placement?: Placement | undefined;
}

/** The store without AWS, for tests of use cases; the contract suite holds it to the DynamoDB store. */
export class MemoryStore implements Store {
  readonly #rows = new Map<string, Row>();
  /** Every committed event, oldest first. */
  readonly events: PlatformEvent[] = [];

  async get<T>(key: Key): Promise<Item<T> | undefined> {
    const row = this.#rows.get(formatKey(key));
    return row === undefined ? undefined : (structuredClone(row.item) as Item<T>);
  }

  async getMany<T>(keys: readonly Key[]): Promise<readonly Item<T>[]> {
    const items = await Promise.all(keys.map((key) => this.get<T>(key)));
    return items.filter((item) => item !== undefined);
  }

  async listParts<T>(
    partition: Omit<Key, 'part'>,
    prefix: string,
    page: PageRequest,
  ): Promise<Page<Item<T>>> {
    const inPartition = ({ key }: Item<unknown>) =>
      key.tenant === partition.tenant && key.kind === partition.kind && key.id === partition.id;
    const rows = [...this.#rows.values()]
      .filter(({ item }) => inPartition(item) && (item.key.part ?? '').startsWith(prefix) && item.key.part)
      .map(({ item }) => ({ sort: item.key.part ?? '', value: item as Item<T> }));
    return paginate(rows, page);
  }

  async list<T>(tenant: string, list: string, page: PageRequest): Promise<Page<Item<T>>> {
    const rows = [...this.#rows.values()]
      .filter(({ item, placement }) => item.key.tenant === tenant && placement?.list === list)
      .map(({ item, placement }) => ({
        sort: `${placement?.sort}#${formatKey(item.key)}`,
        value: item as Item<T>,
      }));
    return paginate(rows, page);
  }

  async listEvents(tenant: string, page: PageRequest): Promise<Page<PlatformEvent>> {
    const rows = this.events
      .filter((event) => event.tenant === tenant)
      .map((event) => ({ sort: `${event.occurredAt}#${event.eventId}`, value: event }));
    return paginate(rows, page);
  }

  async commit(changes: readonly Change[]): Promise<void> {
    for (const change of changes) this.#check(change);
    for (const change of changes) this.#apply(structuredClone(change));
  }

  #check(change: Change): void {
    if ('emit' in change) return;
    const key = 'put' in change ? change.put : 'remove' in change ? change.remove : change.check;
    const revision = this.#rows.get(formatKey(key))?.item.revision;
    if (change.expect === 'absent' && revision !== undefined) {
      throw new AlreadyExistsError(key.kind, key.part ?? key.id, { details: { key } });
    }
    if (change.expect !== 'absent' && revision !== change.expect) {
      throw new ConcurrentChangeError(`${formatKey(key)} was changed meanwhile.`, { details: { key } });
    }
  }

  #apply(change: Change): void {
    if ('emit' in change) this.events.push(change.emit);
    if ('remove' in change) this.#rows.delete(formatKey(change.remove));
    if (!('put' in change)) return;
    const revision = change.expect === 'absent' ? 1 : change.expect + 1;
    this.#rows.set(formatKey(change.put), {
      item: { key: change.put, value: change.value, revision },
      placement: change.placement,
    });
  }
}

function paginate<V>(rows: readonly { sort: string; value: V }[], page: PageRequest): Page<V> {
  const order = page.ascending ? 1 : -1;
  const inRange = rows
    .filter(
      (row) =>
        (page.from === undefined || row.sort >= page.from) && (page.to === undefined || row.sort < page.to),
    )
    .sort((a, b) => (a.sort < b.sort ? -order : order));
  const after = page.cursor === undefined ? inRange : inRange.filter((row) => isAfter(row.sort, page));
  const items = after.slice(0, page.limit);
  const last = items.at(-1);
  const nextCursor = last !== undefined && after.length > items.length ? last.sort : null;
  return { items: structuredClone(items.map((row) => row.value)), nextCursor };
}

function isAfter(sort: string, page: PageRequest): boolean {
  return page.ascending ? sort > (page.cursor as string) : sort < (page.cursor as string);
}
