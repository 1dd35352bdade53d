import type { PlatformEvent } from '../../domain/shared/event.ts';
import type { Key } from '../../domain/shared/store.ts';

/** The `sk` of an item that is alone in its partition; sorts before every named part. */
const ROOT = '#';

export interface PrimaryKey {
  readonly pk: string;
  readonly sk: string;
}

/** `tenant#kind#id` and the part (docs/data-model.md). */
export function toPrimaryKey(key: Key): PrimaryKey {
  return { pk: partitionKey(key), sk: key.part ?? ROOT };
}

export function partitionKey(key: Omit<Key, 'part'>): string {
  return `${key.tenant}#${key.kind}#${key.id}`;
}

/** Inverse of toPrimaryKey; ids may contain `#`, tenants and kinds may not. */
export function fromPrimaryKey({ pk, sk }: PrimaryKey): Key {
  const [tenant = '', kind = '', ...id] = pk.split('#');
  const key = { tenant, kind, id: id.join('#') };
  return sk === ROOT ? key : { ...key, part: sk };
}

/**
 * Low-traffic lists need one shard; the digit is in the key so that a hot one can be spread later without
 * moving the others (design 3.9).
 */
export function listKey(tenant: string, list: string): string {
  return `${tenant}#${list}#0`;
}

/** Event items: the stream's filter passes only keys that start with `event#`. */
export const EVENT_PREFIX = 'event#';

export function eventKey(event: Pick<PlatformEvent, 'tenant' | 'eventId'>): PrimaryKey {
  return { pk: `${EVENT_PREFIX}${event.tenant}#${event.eventId}`, sk: ROOT };
}
