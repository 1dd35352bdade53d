import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Item, Store } from '../shared/store.ts';
import { checkIfMatch } from './commit-changes.ts';
import { ModelPolicyChanged } from './events.ts';
import { getModelItem, type ModelItem, modelKey, type VersionRecord } from './model-records.ts';
import type { ApprovalState, Gate, PolicyInput, PolicyView } from './shapes.ts';

export interface PolicyRecord extends PolicyInput {
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  /** The author of what this policy makes happen by itself. */
  readonly updatedBy: string;
}

/** What holds until somebody sets a policy: no approval, no gates, nothing rolls out by itself. */
export const DEFAULT_POLICY: PolicyInput = {
  approval: { required: false, allowOwnWork: false },
  gates: [],
  rollout: null,
  rollOutOnApproval: false,
};

export async function findPolicy(
  store: Store,
  tenant: string,
  modelId: string,
): Promise<Item<PolicyRecord> | undefined> {
  return store.get<PolicyRecord>(modelKey(tenant, modelId, 'policy'));
}

export async function getPolicyOf(store: Store, tenant: string, modelId: string): Promise<PolicyInput> {
  return (await findPolicy(store, tenant, modelId))?.value ?? DEFAULT_POLICY;
}

export async function getModelPolicy(store: Store, context: CallContext, name: string): Promise<PolicyView> {
  const model = await getModelItem(store, context.tenant, name);
  const item = await findPolicy(store, context.tenant, model.value.id);
  return item === undefined ? toDefaultView(model) : toPolicyView(item);
}

/** @throws ModelNotFoundError, PreconditionFailedError */
export async function putModelPolicy(
  store: Store,
  context: CallContext,
  name: string,
  input: PolicyInput,
  ifMatch?: number,
): Promise<PolicyView> {
  const model = await getModelItem(store, context.tenant, name);
  const key = modelKey(context.tenant, model.value.id, 'policy');
  const current = await findPolicy(store, context.tenant, model.value.id);
  const now = isoTime(context);
  checkIfMatch(ifMatch, current?.revision ?? 0);
  const value: PolicyRecord = {
    ...input,
    createdAt: current?.value.createdAt ?? now,
    createdBy: current?.value.createdBy ?? context.actor,
    updatedAt: now,
    updatedBy: context.actor,
  };
  const revision = (current?.revision ?? 0) + 1;
  const event = makeEvent(ModelPolicyChanged, context, {
    resource: `models/${name}/policy`,
    sequence: revision,
    data: { model: name },
    before: current?.value ?? DEFAULT_POLICY,
    after: input,
  });
  await store.commit([{ put: key, value, expect: current?.revision ?? 'absent' }, { emit: event }]);
  return toPolicyView({ key, value, revision });
}

/** Where a version stands with the policy as it is now: requiring approval later asks for it of all versions. */
export function approvalStateOf(
  version: Pick<VersionRecord, 'decision'>,
  policy: PolicyInput,
): ApprovalState {
  if (version.decision !== undefined) return version.decision.decision;
  return policy.approval.required ? 'pending' : 'not-required';
}

/** Sentences about the gates that do not hold; a metric that was not recorded does not hold. */
export function findFailedGates(
  gates: readonly Gate[],
  metrics: Readonly<Record<string, number>>,
): readonly string[] {
  return gates.flatMap(({ metric, min, max }) => {
    const value = metrics[metric];
    if (value === undefined || Number.isNaN(value)) return [`${metric} was not recorded`];
    if (min !== undefined && value < min) return [`${metric} is ${value}, at least ${min} is asked`];
    if (max !== undefined && value > max) return [`${metric} is ${value}, at most ${max} is allowed`];
    return [];
  });
}

/** What events say about rolling a version out: null unless the policy wants it to happen by itself. */
export function toRollOut(policy: PolicyInput) {
  if (!policy.rollOutOnApproval) return null;
  return { strategy: policy.rollout?.strategy ?? null, policy: policy.rollout?.policy ?? {} };
}

function toPolicyView({ value, revision }: Item<PolicyRecord>): PolicyView {
  const { updatedBy: _, ...rest } = value;
  return { ...rest, revision };
}

function toDefaultView(model: ModelItem): PolicyView {
  const { createdAt, createdBy } = model.value;
  return { ...DEFAULT_POLICY, createdAt, createdBy, updatedAt: createdAt, revision: 0 };
}
