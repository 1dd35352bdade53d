import type { CallContext } from '../../shared/call-context.ts';
import { mayUse } from '../../shared/permission.ts';
import type { Item, Page, PageRequest, Store } from '../../shared/store.ts';
import { type Experiment, guardExperiment, listExperiments } from './experiment.ts';

/** A page of the tenant's experiments, newest first, without those that the caller may not read. */
export async function listReadableExperiments(
  store: Store,
  context: CallContext,
  page: PageRequest,
): Promise<Page<Item<Experiment>>> {
  const { items, nextCursor } = await listExperiments(store, context.tenant, page);
  const readable = items.filter(({ value }) => mayUse(context.principal, guardExperiment(value), 'READ'));
  return { items: readable, nextCursor };
}
