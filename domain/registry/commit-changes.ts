import { ConcurrentChangeError, PreconditionFailedError } from '../shared/domain-error.ts';
import type { Item, Put } from '../shared/store.ts';
import {
  MODEL_LIST,
  type ModelItem,
  type ModelRecord,
  type VersionItem,
  type VersionRecord,
} from './model-records.ts';

/** Registrations of one model meet at its counter; each loser reads again, so ten at once all get through. */
const ATTEMPTS = 10;

/**
 * Runs a read-change-commit again when somebody else was faster.
 *
 * @throws ConcurrentChangeError when that happened ten times
 */
export async function retryWhenConcurrent<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConcurrentChangeError) || left === 0) throw error;
    }
  }
}

/** @throws PreconditionFailedError when the caller named another revision than the stored one */
export function checkIfMatch(ifMatch: number | undefined, revision: number): void {
  if (ifMatch === undefined || ifMatch === revision) return;
  throw new PreconditionFailedError(
    `The object is at revision ${revision}, not ${ifMatch}; read it again and decide anew.`,
  );
}

export function putModel(item: ModelItem, changes: Partial<ModelRecord>): Put<ModelRecord> {
  const value = { ...item.value, ...changes };
  return { put: item.key, value, expect: item.revision, placement: placeModel(value) };
}

export function putVersion(item: VersionItem, changes: Partial<VersionRecord>): Put<VersionRecord> {
  const value = { ...item.value, ...changes };
  return { put: item.key, value, expect: item.revision };
}

export function placeModel(model: ModelRecord) {
  return { list: MODEL_LIST, sort: model.createdAt };
}

/** The item after its put was committed. */
export function committed<T>(put: Put<T>): Item<T> {
  return { key: put.put, value: put.value, revision: put.expect === 'absent' ? 1 : put.expect + 1 };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields of a patch that were given. */
export function withoutAbsent<T extends object>(patch: T): Present<T> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Present<T>;
}
