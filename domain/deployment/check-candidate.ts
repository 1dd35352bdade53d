import type { CallContext } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import { CandidateRefusedError } from './errors.ts';
import type { EndpointFunctions, RunTimeNames } from './ports.ts';
import { getRollout } from './read-deployment.ts';

export interface CheckDependencies {
  readonly store: Store;
  readonly names: RunTimeNames;
  readonly functions: Pick<EndpointFunctions, 'check'>;
}

/**
 * Invokes the candidate with its own example, before it gets any traffic: this is where a changed model, a
 * wrong signature, a crash in INIT and wrong answers end.
 *
 * @throws CandidateRefusedError with the reason
 */
export async function checkCandidate(
  deps: CheckDependencies,
  context: CallContext,
  rolloutId: string,
): Promise<void> {
  const { value: rollout } = await getRollout(deps.store, context, rolloutId);
  if (rollout.status !== 'PENDING' || rollout.candidate === null) return;
  const { functionVersion, servingBundle } = rollout.candidate;
  const functionName = deps.names.functionName(context.tenant, rollout.endpoint);
  const check = await deps.functions.check({ functionName, functionVersion, servingBundle });
  if (!check.ok) {
    throw new CandidateRefusedError(
      `Version ${rollout.version} did not pass the check with its own example: ${check.reason}`,
    );
  }
}
