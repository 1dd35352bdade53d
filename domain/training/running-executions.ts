import type { Change, Item, Key, Page, PageRequest, Store } from '../shared/store.ts';
import type { TrainingExecution } from './execution.ts';

/** Tenant under which the installation's own items live, as in `domain/access`. */
const PLATFORM_TENANT = '_platform';
const LIST = 'running-trainings';
const PART_PREFIX = 'execution#';

/** An execution that has not ended; the reconciler looks through these, whatever the tenant. */
export interface RunningExecution {
  readonly tenant: string;
  readonly executionId: string;
  readonly since: string;
}

function partition(tenant: string, pipeline: string): Key {
  return { tenant: PLATFORM_TENANT, kind: 'running-training', id: `${tenant}#${pipeline}` };
}

function runningKey(tenant: string, { pipeline, id }: TrainingExecution): Key {
  return { ...partition(tenant, pipeline), part: `${PART_PREFIX}${id}` };
}

/** Part of the transaction that starts an execution. */
export function beginRunning(tenant: string, execution: TrainingExecution): Change {
  const value: RunningExecution = { tenant, executionId: execution.id, since: execution.createdAt };
  const placement = { list: LIST, sort: execution.createdAt };
  return { put: runningKey(tenant, execution), value, expect: 'absent', placement };
}

/** Part of the transaction that ends it: the item never changes in between, so its revision is 1. */
export function endRunning(tenant: string, execution: TrainingExecution): Change {
  return { remove: runningKey(tenant, execution), expect: 1 };
}

/** Whether an execution of the pipeline is pending or running. */
export async function isTraining(store: Store, tenant: string, pipeline: string): Promise<boolean> {
  const page = await store.listParts(partition(tenant, pipeline), PART_PREFIX, { limit: 1 });
  return page.items.length > 0;
}

/** Oldest first. */
export function listRunningExecutions(
  store: Store,
  page: PageRequest,
): Promise<Page<Item<RunningExecution>>> {
  return store.list<RunningExecution>(PLATFORM_TENANT, LIST, { ...page, ascending: true });
}
