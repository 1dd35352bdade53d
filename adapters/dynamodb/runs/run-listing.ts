import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Page } from '../../../domain/shared/store.ts';
import type { Experiment } from '../../../domain/tracking/experiments/experiment.ts';
import type { RunPage } from '../../../domain/tracking/ports.ts';
import type { Run } from '../../../domain/tracking/runs/run.ts';
import { settle } from '../../../domain/tracking/runs/run-lifecycle.ts';
import { continues, fromItems, type RunItem, readRunId, runPartition, runSortKey } from './run-items.ts';
import type { TrackingTables } from './run-store.ts';

/** What one read of a shard gave: whole runs, and whether there are more behind them. */
interface ShardPage {
  readonly groups: readonly RunItem[][];
  readonly more: boolean;
}

/**
 * A page of an experiment's runs, newest first. Each shard answers with one query; of several, the page ends
 * where the first one of them has no more to say, so that nothing is passed over.
 */
export async function listRuns(
  tables: TrackingTables,
  tenant: string,
  experiment: Experiment,
  { limit, cursor }: RunPage,
): Promise<Page<Run>> {
  const partitions = Array.from({ length: experiment.shards }, (_, shard) =>
    runPartition(tenant, experiment.experimentId, shard),
  );
  const after = cursor === undefined ? undefined : runSortKey(cursor);
  const pages = await Promise.all(partitions.map((pk) => queryShard(tables, pk, limit, after)));
  const ends = pages.flatMap(({ more, groups }) => (more ? [sortKeyOf(groups.at(-1))] : []));
  const end = ends.length === 0 ? undefined : ends.reduce((a, b) => (a < b ? a : b));
  const groups = pages
    .flatMap((page) => page.groups)
    .filter((group) => end === undefined || sortKeyOf(group) <= end)
    .sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1));
  const kept = limit === undefined ? groups : groups.slice(0, limit);
  const more = end !== undefined || kept.length < groups.length;
  const last = kept.at(-1)?.[0];
  return {
    items: kept.flatMap((group) => readGroup(group, experiment)),
    nextCursor: more && last !== undefined ? readRunId(last) : null,
  };
}

/** A run of several parts that is being written as it is read is passed over, as if read a moment before. */
function readGroup(group: readonly RunItem[], experiment: Experiment): Run[] {
  const stored = fromItems(group);
  return stored === undefined ? [] : [settle(stored.run, experiment)];
}

function sortKeyOf(group: readonly RunItem[] | undefined): string {
  return group?.[0]?.sk ?? '';
}

async function queryShard(
  { client, tracking }: TrackingTables,
  pk: string,
  limit: number | undefined,
  after: string | undefined,
): Promise<ShardPage> {
  // Behind the run and all of its parts: they share its sort key, and '~' sorts behind the '#' of a part.
  const from = after === undefined ? {} : { ':after': `${after}~` };
  const items: RunItem[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tracking,
        KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: { ':pk': pk, ...from },
        ConsistentRead: true,
        Limit: limit,
        ExclusiveStartKey,
      }),
    );
    items.push(...(Items as RunItem[]));
    const groups = groupParts(items);
    if (LastEvaluatedKey === undefined) return { groups, more: false };
    const whole = isWhole(groups.at(-1)) ? groups : groups.slice(0, -1);
    if (whole.length > 0) return { groups: whole, more: true };
    // Not even one run fitted into the read: take its other parts, too.
    ExclusiveStartKey = LastEvaluatedKey;
  }
}

function groupParts(items: readonly RunItem[]): RunItem[][] {
  const groups: RunItem[][] = [];
  for (const item of items) {
    const head = groups.at(-1)?.[0];
    if (head !== undefined && continues(head, item)) groups.at(-1)?.push(item);
    else groups.push([item]);
  }
  return groups;
}

function isWhole(group: readonly RunItem[] | undefined): boolean {
  return group !== undefined && group.length >= (group[0]?.parts ?? 1);
}
