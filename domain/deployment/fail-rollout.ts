import type { CallContext } from '../shared/call-context.ts';
import { restoreIncumbent, type TrafficDependencies } from './complete-rollout.ts';
import { getRollout } from './read-deployment.ts';

/**
 * Ends a rollout that could not go on as FAILED, with the traffic on the incumbent. A rollout that has ended
 * keeps its outcome.
 */
export async function failRollout(
  deps: Pick<TrafficDependencies, 'store' | 'names' | 'functions'>,
  context: CallContext,
  rolloutId: string,
  reason: string,
): Promise<void> {
  const item = await getRollout(deps.store, context, rolloutId);
  if (item.value.status === 'COMPLETED') return;
  const acting = { ...context, actor: item.value.createdBy };
  await restoreIncumbent(deps, acting, item, 'FAILED', reason);
}
