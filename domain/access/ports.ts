import type { Store } from '../shared/store.ts';
import { listTenants } from './create-tenant.ts';

/** Names of all tenants, for schedules that look after everybody. */
export async function listTenantNames(store: Store): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listTenants(store, { limit: 1000, cursor });
    names.push(...page.items.map(({ value }) => value.name));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return names;
}
