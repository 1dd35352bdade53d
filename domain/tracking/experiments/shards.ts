import { MAX_SHARDS } from '../runs/run-id.ts';

/** Set by users who know beforehand that an experiment will be hot. */
export const SHARDS_TAG = 'perennial.shards';

/**
 * Partitions for new runs: DynamoDB takes 1,000 writes a second in one, so an experiment that was refused a write
 * for its heat doubles them, and the tag asks for some from the start. They are never fewer than before, as a
 * list reads all of them.
 */
export function chooseShards(present: number, tags: Readonly<Record<string, string>>): number {
  const wished = /^\d{1,2}$/.test(tags[SHARDS_TAG] ?? '') ? Number(tags[SHARDS_TAG]) : 1;
  return Math.min(MAX_SHARDS, Math.max(present, wished, 1));
}

/** The shards after a write was refused for heat. */
export function doubleShards(present: number): number {
  return Math.min(MAX_SHARDS, present * 2);
}
