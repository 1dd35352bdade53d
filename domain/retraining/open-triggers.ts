import type { Change, Item, Key, Page, PageRequest, Store } from '../shared/store.ts';
import type { RetrainingPolicy } from './policy-records.ts';

/** A policy of some tenant that has an open trigger. */
export interface OpenTrigger {
  readonly tenant: string;
  readonly policy: string;
}

/** Outside the tenants' alphabet: the schedule looks over all tenants at once. */
const INSTALLATION = '_platform';
const LIST = 'open-retraining-triggers';

function openTriggerKey(tenant: string, policy: string): Key {
  return { tenant: INSTALLATION, kind: 'open-retraining-trigger', id: `${tenant}/${policy}` };
}

/** The change that opens or closes a policy's trigger; none when it stays as it is. */
export function moveTrigger(
  tenant: string,
  { name, openTrigger }: RetrainingPolicy,
  staysOpen: boolean,
): Change[] {
  const key = openTriggerKey(tenant, name);
  const wasOpen = openTrigger !== null;
  if (wasOpen === staysOpen) return [];
  if (wasOpen) return [{ remove: key, expect: 1 }];
  const value: OpenTrigger = { tenant, policy: name };
  return [{ put: key, value, expect: 'absent', placement: { list: LIST, sort: `${tenant}/${name}` } }];
}

/** Policies of all tenants that wait for their conditions. */
export function listOpenTriggers(store: Store, page: PageRequest): Promise<Page<Item<OpenTrigger>>> {
  return store.list<OpenTrigger>(INSTALLATION, LIST, page);
}
