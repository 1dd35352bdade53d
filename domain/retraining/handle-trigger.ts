import type { CallContext } from '../shared/call-context.ts';
import { ConcurrentChangeError } from '../shared/domain-error.ts';
import type { Item, Store } from '../shared/store.ts';
import { evaluatePolicy, type RetrainingDependencies } from './evaluate-policy.ts';
import { listPolicies } from './manage-policies.ts';
import { listOpenTriggers } from './open-triggers.ts';
import { type Evaluation, policyKey, type RetrainingPolicy, type Trigger } from './policy-records.ts';

/** A tenant has one policy an endpoint, perhaps two: one page holds them all. */
const MAX_POLICIES = 1000;

/** Evaluates every policy of the endpoint for what happened to it. */
export async function handleTrigger(
  deps: RetrainingDependencies,
  context: CallContext,
  endpoint: string,
  trigger: Trigger,
): Promise<Evaluation[]> {
  const { items } = await listPolicies(deps.store, context.tenant, { limit: MAX_POLICIES });
  const concerned = items.filter(({ value }) => value.endpoint === endpoint);
  return Promise.all(concerned.map((policy) => evaluateFresh(deps, context, policy, trigger)));
}

/** A request names the policy itself. */
export async function handleRequest(
  deps: RetrainingDependencies,
  context: CallContext,
  policyName: string,
  trigger: Trigger,
): Promise<Evaluation | undefined> {
  const policy = await deps.store.get<RetrainingPolicy>(policyKey(context.tenant, policyName));
  return policy && evaluatePolicy(deps, context, policy, trigger);
}

/** Lists are a moment behind: the policy itself is read again, and once more when it changes meanwhile. */
async function evaluateFresh(
  deps: RetrainingDependencies,
  context: CallContext,
  { key }: Item<RetrainingPolicy>,
  trigger: Trigger,
): Promise<Evaluation> {
  const evaluate = async () => {
    const policy = await deps.store.get<RetrainingPolicy>(key);
    if (policy === undefined) throw new ConcurrentChangeError('The policy is gone.');
    return evaluatePolicy(deps, context, policy, trigger);
  };
  return evaluate().catch((error: unknown) => {
    if (error instanceof ConcurrentChangeError) return evaluate();
    throw error;
  });
}

/** The schedule's work: looks again at every policy whose trigger is open. Answers how many started. */
export async function revisitOpenTriggers(
  deps: RetrainingDependencies,
  contextOf: (tenant: string) => CallContext,
): Promise<number> {
  let started = 0;
  for await (const policy of openPolicies(deps.store)) {
    const trigger = policy.value.openTrigger;
    if (trigger === null) continue;
    const evaluation = await evaluatePolicy(deps, contextOf(policy.key.tenant), policy, trigger);
    if (evaluation.decision === 'STARTED') started += 1;
  }
  return started;
}

async function* openPolicies(store: Store): AsyncGenerator<Item<RetrainingPolicy>> {
  let cursor: string | undefined;
  do {
    const page = await listOpenTriggers(store, { limit: 100, cursor });
    for (const { value } of page.items) {
      const policy = await store.get<RetrainingPolicy>(policyKey(value.tenant, value.policy));
      if (policy !== undefined) yield policy;
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
