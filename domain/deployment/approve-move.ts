import { OwnWorkError } from '../registry/errors.ts';
import type { RegistryReader } from '../registry/ports.ts';
import { type CallContext, isoTime } from '../shared/call-context.ts';
import { requireRole } from '../shared/principal.ts';
import type { AwaitedMove, MoveApproval, Rollout } from './rollout.ts';

/** Whether somebody has to approve that the candidate's share becomes this; 1 is the promotion. */
export function needsApproval({ policy, incumbent, approvals = [] }: Rollout, weight: number): boolean {
  // Where nothing was served before nobody's traffic changes hands.
  if (incumbent === null) return false;
  const isAskedFor =
    policy.approvals === 'each-step' || (policy.approvals === 'before-promotion' && weight >= 1);
  return isAskedFor && !approvals.some((approval) => approval.weight >= weight);
}

/** What the approver is told that the rollout waits with. */
export function explainAwaited(weight: number, why: string): string {
  const what = weight >= 1 ? 'the candidate gets all the traffic' : `the candidate's share becomes ${weight}`;
  return `Waits for an approval before ${what}. ${why}`;
}

/**
 * The approval of an awaited move.
 *
 * @throws ForbiddenError without the role approver, OwnWorkError when the model's policy says so
 */
export async function makeApproval(
  registry: RegistryReader,
  context: CallContext,
  rollout: Rollout,
  { weight }: Pick<AwaitedMove, 'weight'>,
  reason: string,
): Promise<MoveApproval> {
  requireRole(context.principal, 'approver');
  await requireOthersWork(registry, context, rollout);
  return { weight, at: isoTime(context), actor: context.actor, reason };
}

/** Own work is a version that one made, or a rollout that one asked for; an approval that starts one asks for none. */
async function requireOthersWork(
  registry: RegistryReader,
  { tenant, actor }: CallContext,
  { id, model, version, createdBy, trigger }: Rollout,
): Promise<void> {
  const { approval } = await registry.getPolicy(tenant, model);
  if (approval.allowOwnWork) return;
  const author = (await registry.findVersion(tenant, model, version))?.createdBy;
  if (author === actor) throw new OwnWorkError(model, version);
  if (createdBy === actor && trigger !== 'approval') {
    throw new OwnWorkError(model, version, `The rollout ${id} of version ${version} of '${model}'`);
  }
}
