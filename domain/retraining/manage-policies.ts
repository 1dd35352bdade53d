import { type CallContext, isoTime } from '../shared/call-context.ts';
import { PreconditionFailedError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Page, PageRequest, Store } from '../shared/store.ts';
import { RetrainingPolicyChanged } from './events.ts';
import { moveTrigger } from './open-triggers.ts';
import {
  EVALUATION_PREFIX,
  type Evaluation,
  getPolicy,
  POLICIES_LIST,
  policyKey,
  type RetrainingPolicy,
  type RetrainingPolicyInput,
} from './policy-records.ts';

/** Creates or replaces a policy; when it last started stays known, so a change does not skip the cooldown. */
export async function putPolicy(
  store: Store,
  context: CallContext,
  name: string,
  input: RetrainingPolicyInput,
  ifMatch?: number,
): Promise<Item<RetrainingPolicy>> {
  const key = policyKey(context.tenant, name);
  const current = await store.get<RetrainingPolicy>(key);
  requireMatch(current?.revision, ifMatch);
  const now = isoTime(context);
  const value: RetrainingPolicy = {
    ...input,
    name,
    lastStartedAt: current?.value.lastStartedAt ?? null,
    openTrigger: current?.value.openTrigger ?? null,
    createdAt: current?.value.createdAt ?? now,
    createdBy: current?.value.createdBy ?? context.actor,
    updatedAt: now,
    updatedBy: context.actor,
  };
  const revision = (current?.revision ?? 0) + 1;
  const change = current === undefined ? 'created' : 'replaced';
  const event = {
    resource: `retraining-policies/${name}`,
    sequence: revision,
    data: { policy: name, change } as const,
    after: input,
  };
  const placement = { list: POLICIES_LIST, sort: value.createdAt };
  await store.commit([
    { put: key, value, expect: current?.revision ?? 'absent', placement },
    {
      emit: makeEvent(RetrainingPolicyChanged, context, {
        ...event,
        ...(current ? { before: current.value } : {}),
      }),
    },
  ]);
  return { key, value, revision };
}

function requireMatch(revision: number | undefined, ifMatch: number | undefined): void {
  if (ifMatch === undefined || ifMatch === revision) return;
  throw new PreconditionFailedError(`The policy is at revision ${revision ?? 'none'}, not ${ifMatch}.`);
}

/** Deletes a policy; what it decided stays in the audit. */
export async function deletePolicy(
  store: Store,
  context: CallContext,
  name: string,
  ifMatch?: number,
): Promise<void> {
  const item = await getPolicy(store, context.tenant, name);
  requireMatch(item.revision, ifMatch);
  const event = {
    resource: `retraining-policies/${name}`,
    sequence: item.revision + 1,
    data: { policy: name, change: 'deleted' } as const,
  };
  await store.commit([
    { remove: item.key, expect: item.revision },
    ...moveTrigger(context.tenant, item.value, false),
    { emit: makeEvent(RetrainingPolicyChanged, context, event) },
  ]);
}

export function listPolicies(
  store: Store,
  tenant: string,
  page: PageRequest,
): Promise<Page<Item<RetrainingPolicy>>> {
  return store.list<RetrainingPolicy>(tenant, POLICIES_LIST, page);
}

/** A policy's evaluations, newest first. */
export async function listEvaluations(store: Store, tenant: string, name: string, page: PageRequest) {
  await getPolicy(store, tenant, name);
  return store.listParts<Evaluation>(policyKey(tenant, name), EVALUATION_PREFIX, page);
}
