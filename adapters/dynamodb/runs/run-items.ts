import { SCHEMA_VERSION } from '../../../domain/shared/version.ts';
import type { Run } from '../../../domain/tracking/runs/run.ts';
import { parseRunId, timeLeft } from '../../../domain/tracking/runs/run-id.ts';
import { packRun, unpackRun } from './run-codec.ts';

/** DynamoDB's items hold 400 KB; the rest is for keys and attributes. */
const PART_BYTES = 390_000;
const CONTINUATION_DIGITS = 2;

/** A run's item, or a part of one that needs several. */
export interface RunItem {
  readonly pk: string;
  readonly sk: string;
  readonly schemaVersion: number;
  readonly revision: number;
  readonly body: Uint8Array;
  /** How many parts there are; on the first one, when there are more than one. */
  readonly parts?: number | undefined;
}

export interface StoredHead {
  readonly run: Run;
  readonly revision: number;
}

export function runPartition(tenant: string, experimentId: string, shard: number): string {
  const partition = `${tenant}#experiment-runs#${experimentId}`;
  return shard === 0 ? partition : `${partition}#${shard}`;
}

/** Newest first is ascending here. Undefined for an id that is none of ours. */
export function runKey(tenant: string, runId: string): { pk: string; sk: string } | undefined {
  const place = parseRunId(runId);
  if (place === undefined) return undefined;
  return { pk: runPartition(tenant, place.experimentId, place.shard), sk: runSortKey(runId) };
}

/** Sorts newest first, then by id; the parts of one run are neighbours. */
export function runSortKey(runId: string): string {
  return `${timeLeft(parseRunId(runId)?.startTime ?? 0)}#${runId}`;
}

export function continuationKey(key: { pk: string; sk: string }, part: number): { pk: string; sk: string } {
  return { pk: key.pk, sk: `${key.sk}#${String(part).padStart(CONTINUATION_DIGITS, '0')}` };
}

/** A run as items: nearly always one. */
export function toItems(tenant: string, run: Run, revision: number): RunItem[] {
  const key = runKey(tenant, run.runId);
  if (key === undefined) throw new Error(`The run id ${run.runId} is none of ours.`);
  const body = packRun(run);
  const parts = Math.max(1, Math.ceil(body.length / PART_BYTES));
  return Array.from({ length: parts }, (_, part) => ({
    ...(part === 0 ? key : continuationKey(key, part)),
    schemaVersion: SCHEMA_VERSION,
    revision,
    body: body.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
    ...(part === 0 && parts > 1 ? { parts } : {}),
  }));
}

/** Inverse of toItems; undefined when a part is missing, or of another revision: the run was being written. */
export function fromItems(stored: readonly RunItem[]): StoredHead | undefined {
  const [head] = stored as [RunItem, ...RunItem[]];
  // A run that became smaller leaves its last parts behind; the next larger one writes over them.
  const items = stored.slice(0, head.parts ?? 1);
  const whole =
    items.length === (head.parts ?? 1) && items.every(({ revision }) => revision === head.revision);
  if (!whole) return undefined;
  const runId = readRunId(head);
  const experimentId = parseRunId(runId)?.experimentId ?? '';
  const body = items.length === 1 ? head.body : Buffer.concat(items.map((item) => item.body));
  return { run: unpackRun(body, { runId, experimentId }), revision: head.revision };
}

export function readRunId({ sk }: Pick<RunItem, 'sk'>): string {
  return sk.split('#')[1] ?? '';
}

/** Whether the item is a part of the run that the head begins. */
export function continues(head: RunItem, item: RunItem): boolean {
  return item.sk.startsWith(`${head.sk}#`);
}
