import type * as z from 'zod';
import { NotFoundError } from '../shared/domain-error.ts';
import type { Item, Key, Store } from '../shared/store.ts';
import type { evaluation, retrainingPolicyInput, TRIGGER_KINDS } from './contract.ts';

export type RetrainingPolicyInput = z.output<typeof retrainingPolicyInput>;
export type Evaluation = z.output<typeof evaluation>;
export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/** What happened, by the event that told it. */
export interface Trigger {
  readonly kind: TriggerKind;
  readonly eventId: string;
  readonly occurredAt: string;
  /** Drift's verdict. */
  readonly verdict?: string | undefined;
}

export interface RetrainingPolicy extends RetrainingPolicyInput {
  readonly name: string;
  readonly lastStartedAt: string | null;
  readonly openTrigger: Trigger | null;
  /** Event and reason of the last skip that was told, so that looking again tells it once. */
  readonly lastSkip?: string | undefined;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  /** Who last changed the policy: the author of what it starts. */
  readonly updatedBy: string;
}

export const POLICIES_LIST = 'retraining-policies';

export function policyKey(tenant: string, name: string): Key {
  return { tenant, kind: 'retraining-policy', id: name };
}

export const EVALUATION_PREFIX = 'evaluation#';

/** Evaluations lie in their policy's partition, in the order of their ids. */
export function evaluationKey(tenant: string, policy: string, id: string): Key {
  return { ...policyKey(tenant, policy), part: `${EVALUATION_PREFIX}${id}` };
}

/** @throws NotFoundError */
export async function getPolicy(store: Store, tenant: string, name: string): Promise<Item<RetrainingPolicy>> {
  const item = await store.get<RetrainingPolicy>(policyKey(tenant, name));
  if (item === undefined) throw new NotFoundError('retraining policy', name);
  return item;
}

/** A policy as the API answers it. */
export function toPolicyView({ value, revision }: Item<RetrainingPolicy>) {
  const { updatedBy: _by, lastSkip: _skip, openTrigger, ...policy } = value;
  const { kind, eventId, occurredAt } = openTrigger ?? {};
  return { ...policy, openTrigger: openTrigger === null ? null : { kind, eventId, occurredAt }, revision };
}
