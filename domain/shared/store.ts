import type { PlatformEvent } from './event.ts';

/**
 * Address of an item. `tenant#kind#id` is the partition; `part` tells the items of one aggregate apart
 * (a model's versions live in the model's partition).
 */
export interface Key {
  readonly tenant: string;
  readonly kind: string;
  readonly id: string;
  readonly part?: string;
}

/** A stored value and its revision (1 after creation, +1 with each change). */
export interface Item<T> {
  readonly key: Key;
  readonly value: T;
  readonly revision: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Default: descending, newest first. */
  readonly ascending?: boolean;
  /** Only sort values from here (included)… */
  readonly from?: string | undefined;
  /** …to here (not included). */
  readonly to?: string | undefined;
}

/** Where an item shows up in a list; lists are ordered by `sort` (a time or a ULID). */
export interface Placement {
  readonly list: string;
  readonly sort: string;
}

export interface Put<T = unknown> {
  readonly put: Key;
  readonly value: T;
  /** `absent` for creation, the revision that was read for a change. */
  readonly expect: 'absent' | number;
  readonly placement?: Placement | undefined;
  /** Epoch milliseconds after which the item may disappear. */
  readonly expiresAtMs?: number | undefined;
}

export interface Remove {
  readonly remove: Key;
  readonly expect: number;
}

/** Throws ConcurrentChangeError unless the item is at this revision when the rest commits. */
export interface Check {
  readonly check: Key;
  readonly expect: 'absent' | number;
}

export interface Emit {
  readonly emit: PlatformEvent;
}

export type Change = Put | Remove | Check | Emit;

/**
 * The platform's state. All changes of one `commit` happen, or none; events are part of it (design 3.2).
 * Reads by key and by partition are strongly consistent; lists are eventually consistent.
 */
export interface Store {
  get<T>(key: Key): Promise<Item<T> | undefined>;
  /** The items that exist, in the order of their keys; a hundred are one call. Consistent like `get`. */
  getMany<T>(keys: readonly Key[]): Promise<readonly Item<T>[]>;
  /** Items of one partition whose `part` starts with the prefix, ordered by `part`. */
  listParts<T>(partition: Omit<Key, 'part'>, prefix: string, page: PageRequest): Promise<Page<Item<T>>>;
  /** Items placed in a list of the tenant. */
  list<T>(tenant: string, list: string, page: PageRequest): Promise<Page<Item<T>>>;
  /** The tenant's events, newest first; `from`/`to` are times. */
  listEvents(tenant: string, page: PageRequest): Promise<Page<PlatformEvent>>;
  /**
   * Up to 90 changes. AlreadyExistsError when an item expected absent is there, ConcurrentChangeError when
   * a revision is another one; the error's `details.key` tells which item.
   */
  commit(changes: readonly Change[]): Promise<void>;
}

/** `model/churn/version#000003`: for messages, and as the in-memory store's map key. */
export function formatKey(key: Key): string {
  return [key.tenant, key.kind, key.id, key.part].filter((part) => part !== undefined).join('/');
}
