import { type CallContext, isoTime } from '../shared/call-context.ts';
import { ConflictError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Page, PageRequest, Store } from '../shared/store.ts';
import { moveChanges } from './change-stage.ts';
import { putModel, putVersion, retryWhenConcurrent } from './commit-changes.ts';
import { OwnWorkError } from './errors.ts';
import { ModelVersionApprovalRequested, ModelVersionApproved, ModelVersionRejected } from './events.ts';
import { findLastDeployable } from './last-approved.ts';
import { approvalStateOf, getPolicyOf, toRollOut } from './model-policy.ts';
import {
  type Decision,
  getVersionItem,
  type ModelAndVersion,
  modelKey,
  versionPart,
  versionResource,
} from './model-records.ts';
import type { Approval, ApprovalInput, ApprovalState, PolicyInput, Stage } from './shapes.ts';
import { computeLatest, withEntry } from './version-entries.ts';

/**
 * Approves or rejects a READY version. Rejecting takes it out of production and names the version to go back
 * to in `ModelVersionRejected`, on which the deployment capability acts.
 *
 * @throws ModelVersionNotFoundError, ConflictError unless READY, OwnWorkError when the policy says so
 */
export async function decideApproval(
  store: Store,
  context: CallContext,
  { name, ref }: { name: string; ref: string | number },
  input: ApprovalInput,
): Promise<Approval> {
  return retryWhenConcurrent(async () => {
    const found = await getVersionItem(store, context.tenant, name, ref);
    const { value } = found.version;
    const policy = await getPolicyOf(store, context.tenant, value.modelId);
    requireDecidable(context, name, found, policy);
    const decision: Decision = {
      id: context.newId('apr'),
      version: value.number,
      decision: input.decision,
      reason: input.reason,
      decidedBy: context.actor,
      decidedAt: isoTime(context),
    };
    const part = `approval#${versionPart(value.number)}#${decision.decidedAt}#${decision.id}`;
    const entry: Change = {
      put: modelKey(context.tenant, value.modelId, part),
      value: decision,
      expect: 'absent',
    };
    const changes =
      input.decision === 'approved'
        ? approve(context, found, decision, policy)
        : await reject(store, context, found, decision, policy);
    await store.commit([entry, ...changes]);
    return decision;
  });
}

function requireDecidable(
  context: CallContext,
  name: string,
  { version }: ModelAndVersion,
  policy: PolicyInput,
): void {
  const { number, status, createdBy } = version.value;
  if (status !== 'READY') {
    throw new ConflictError(
      `Version ${number} of '${name}' is ${status}; only READY versions are decided on.`,
    );
  }
  if (createdBy === context.actor && !policy.approval.allowOwnWork) throw new OwnWorkError(name, number);
}

function approve(
  context: CallContext,
  { model, version }: ModelAndVersion,
  decision: Decision,
  policy: PolicyInput,
): Change[] {
  const event = makeEvent(ModelVersionApproved, context, {
    resource: versionResource(model.value.name, decision.version),
    sequence: version.revision + 1,
    data: {
      model: model.value.name,
      version: decision.version,
      reason: decision.reason,
      decidedBy: decision.decidedBy,
      rollOut: toRollOut(policy),
    },
    before: { approval: approvalStateOf(version.value, policy) },
    after: { approval: 'approved' },
  });
  return [...withEntry(putVersion(version, { decision, updatedAt: decision.decidedAt })), { emit: event }];
}

async function reject(
  store: Store,
  context: CallContext,
  { model, version }: ModelAndVersion,
  decision: Decision,
  policy: PolicyInput,
): Promise<Change[]> {
  const { modelId, number, stage } = version.value;
  const lastApproved = await findLastDeployable(store, context.tenant, modelId, {
    policy,
    otherThan: number,
  });
  const event = makeEvent(ModelVersionRejected, context, {
    resource: versionResource(model.value.name, number),
    sequence: version.revision + 1,
    data: {
      model: model.value.name,
      version: number,
      reason: decision.reason,
      decidedBy: decision.decidedBy,
      wasApproved: version.value.decision?.decision === 'approved',
      stage,
      goBackTo: lastApproved?.value.number ?? null,
    },
    before: { approval: approvalStateOf(version.value, policy) },
    after: { approval: 'rejected' },
  });
  if (stage !== 'production') {
    return [...withEntry(putVersion(version, { decision, updatedAt: decision.decidedAt })), { emit: event }];
  }
  const why = `version ${number} was rejected: ${decision.reason}`;
  const broughtBack =
    lastApproved !== undefined && lastApproved.value.stage !== 'production'
      ? moveChanges(context, model, lastApproved, 'production', why)
      : [];
  const moves = new Map<number, Stage>([[number, 'archived']]);
  if (broughtBack.length > 0 && lastApproved !== undefined)
    moves.set(lastApproved.value.number, 'production');
  const touched = putModel(model, {
    latest: await computeLatest(store, context.tenant, modelId, moves),
    updatedAt: decision.decidedAt,
    contentUpdatedAt: decision.decidedAt,
  });
  return [
    ...moveChanges(context, model, version, 'archived', why, { decision }),
    { emit: event },
    ...broughtBack,
    touched,
  ];
}

/** Decisions on a version, newest first. */
export async function listApprovals(
  store: Store,
  context: CallContext,
  { name, ref }: { name: string; ref: string | number },
  page: PageRequest,
): Promise<Page<Approval>> {
  const { version } = await getVersionItem(store, context.tenant, name, ref);
  const partition = { tenant: context.tenant, kind: 'model', id: version.value.modelId };
  const prefix = `approval#${versionPart(version.value.number)}#`;
  const found = await store.listParts<Decision>(partition, prefix, page);
  return { items: found.items.map((item) => item.value), nextCursor: found.nextCursor };
}

/**
 * Asks for an approval when the policy wants one that is not there yet; says where the version stands. The
 * event is for those who decide (an alert channel, a rule of the platform team).
 */
export async function requestApproval(
  store: Store,
  context: CallContext,
  { name, ref }: { name: string; ref: string | number },
  reason: string,
): Promise<{
  readonly version: number;
  readonly approval: ApprovalState;
  readonly rollOutOnApproval: boolean;
}> {
  const { model, version } = await getVersionItem(store, context.tenant, name, ref);
  const policy = await getPolicyOf(store, context.tenant, model.value.id);
  const { number } = version.value;
  const answer = {
    version: number,
    approval: approvalStateOf(version.value, policy),
    rollOutOnApproval: policy.rollOutOnApproval,
  };
  if (answer.approval !== 'pending') return answer;
  const event = makeEvent(ModelVersionApprovalRequested, context, {
    resource: versionResource(name, number),
    sequence: version.revision,
    data: { model: name, version: number, reason },
  });
  await store.commit([{ check: version.key, expect: version.revision }, { emit: event }]);
  return answer;
}
