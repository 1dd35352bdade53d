import type { RegisteredVersion, RegistryReader } from '../registry/ports.ts';
import type { RolloutStrategy } from './contract.ts';
import { DeploymentStateError, StrategyNotSupportedError } from './errors.ts';
import { parsePolicy, type RolloutPolicy } from './judge/policy.ts';

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
 * What the caller named, else what the model's policy says, else a canary.
 *
 * @throws StrategyNotSupportedError, InvalidInputError (of the policy)
 */
export async function chooseRollout(
  registry: RegistryReader,
  tenant: string,
  model: string,
  asked: { readonly strategy?: string | undefined; readonly policy?: unknown },
): Promise<RolloutChoice> {
  const preference = asked.strategy === undefined ? (await registry.getPolicy(tenant, model)).rollout : null;
  const strategy = (asked.strategy ?? preference?.strategy ?? 'canary') as RolloutStrategy;
  if (!SUPPORTED_STRATEGIES.includes(strategy)) {
    throw new StrategyNotSupportedError(strategy, SUPPORTED_STRATEGIES);
  }
  return { strategy, policy: toStrategyPolicy(strategy, parsePolicy(asked.policy ?? preference?.policy)) };
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
