import type { RegisteredVersion, RegistryReader } from '../registry/ports.ts';
import type { RolloutStrategy } from './contract.ts';
import { DeploymentStateError, StrategyNotSupportedError } from './errors.ts';
import { APPROVALS, parsePolicy, type RolloutPolicy } from './judge/policy.ts';

/** The strategies that are built; the other two of the contract need a router in front of the versions. */
export const SUPPORTED_STRATEGIES: readonly RolloutStrategy[] = [
  'all-at-once',
  'canary',
  'linear',
  'blue-green',
];

export interface RolloutChoice {
  readonly strategy: RolloutStrategy;
  readonly policy: RolloutPolicy;
}

/**
 * What the caller named, else what the model's policy says, else a canary. Approvals that the model's policy asks
 * for are asked for whatever the caller named.
 *
 * @param isFree nothing was served before, or the rollout goes back: neither waits for an approval
 * @throws StrategyNotSupportedError, InvalidInputError (of the policy)
 */
export async function chooseRollout(
  registry: RegistryReader,
  tenant: string,
  model: string,
  asked: { readonly strategy?: string | undefined; readonly policy?: unknown },
  isFree: boolean,
): Promise<RolloutChoice> {
  const { rollout } = await registry.getPolicy(tenant, model);
  const preference = asked.strategy === undefined ? rollout : null;
  const strategy = (asked.strategy ?? preference?.strategy ?? 'canary') as RolloutStrategy;
  if (!SUPPORTED_STRATEGIES.includes(strategy)) {
    throw new StrategyNotSupportedError(strategy, SUPPORTED_STRATEGIES);
  }
  const policy = toStrategyPolicy(strategy, parsePolicy(asked.policy ?? preference?.policy));
  const approvals = isFree ? 'none' : theStricter(policy.approvals, rollout?.policy.approvals);
  return { strategy, policy: { ...policy, approvals } };
}

type Approvals = (typeof APPROVALS)[number];

function theStricter(asked: Approvals, required: Approvals = 'none'): Approvals {
  return APPROVALS.indexOf(asked) < APPROVALS.indexOf(required) ? required : asked;
}

/** Linear steps are equal, the first one too. Green bakes at all the traffic, judged as two equal arms. */
function toStrategyPolicy(strategy: RolloutStrategy, policy: RolloutPolicy): RolloutPolicy {
  if (strategy === 'linear') return { ...policy, firstWeight: policy.weightStep };
  if (strategy === 'blue-green') return { ...policy, firstWeight: 0.5, weightStep: 0.5 };
  return policy;
}

/** @throws DeploymentStateError when a judged rollout would have nothing to be judged by */
export function requireJudgeable(strategy: RolloutStrategy, isCaptured: boolean): void {
  if (strategy === 'all-at-once' || isCaptured) return;
  throw new DeploymentStateError(
    `The strategy '${strategy}' is judged by captured requests, and capture is off: turn it on, or use all-at-once.`,
  );
}

/** Models registered without a task are judged as classification, whose labels are counts. */
export function taskOf(version: RegisteredVersion) {
  return version.task ?? 'classification';
}
